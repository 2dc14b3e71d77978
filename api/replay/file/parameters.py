"""Parameters: `${name}` in a file stands for a value from `parameters`, from a line of `each`, or from who uses it.

A text that is nothing but `${name}` becomes the value itself, a number or list too; elsewhere it is put into the text.
"""

import re
from collections.abc import Mapping
from typing import Any

from simulation.inputs.faults import Fault, Place, one_of
from simulation.inputs.yaml_file import Node
from workflow.text import Text

NO_PARAMETER = Text("es gibt keinen", "one of none")
_WRITTEN = re.compile(r"\$\{([^{}]*)\}")


def bind(node: Node, values: Mapping[str, Any], used: set[str], faults: list[Fault]) -> Node:
    """The node with values put in; names used are added to `used`, unknown ones become `faults`."""
    inner = node.value
    if isinstance(inner, dict):
        return Node(node.place, {key: bind(n, values, used, faults) for key, n in inner.items()}, node.keys)
    if isinstance(inner, list):
        return Node(node.place, [bind(n, values, used, faults) for n in inner])
    if not isinstance(inner, str) or "${" not in inner:
        return node
    whole = _WRITTEN.fullmatch(inner)
    if whole:
        return wrap(node.place, _value(whole[1], node.place, values, used, faults))
    text = _WRITTEN.sub(lambda found: str(_value(found[1], node.place, values, used, faults)), inner)
    return Node(node.place, text)


def wrap(place: Place, value: Any) -> Node:
    """Plain data as nodes that all lie at one place."""
    if isinstance(value, dict):
        return Node(place, {k: wrap(place, v) for k, v in value.items()}, dict.fromkeys(value, place))
    if isinstance(value, list):
        return Node(place, [wrap(place, v) for v in value])
    return Node(place, value)


def _value(name: str, place: Place, values: Mapping[str, Any], used: set[str], faults: list[Fault]) -> Any:
    used.add(name)
    if name in values:
        return values[name]
    says = Text(f"`${{{name}}}` ist hier kein Parameter", f"`${{{name}}}` is no parameter here")
    faults.append(Fault(place, says, one_of(values) if values else NO_PARAMETER))
    return name
