"""Bodies of commands: JSON text or a mapping, read as an object where a name has to be found in it first."""

import json
from collections.abc import Mapping

from workflow.engine.commands import take_keys_once
from workflow.engine.naming.faults import describe_unreadable
from workflow.errors import InvalidCommand
from workflow.text import Text

Body = Mapping[str, object] | str | bytes


def parse_object(body: Body) -> dict[str, object]:
    """A body as a mapping; parsed twice on purpose: faults of form are told by `parse`."""
    if isinstance(body, Mapping):
        return dict(body)
    try:
        found = json.loads(body or b"{}", object_pairs_hook=take_keys_once)
    except (ValueError, RecursionError) as wrong:
        raise InvalidCommand([("", describe_unreadable(wrong))]) from wrong
    if not isinstance(found, dict):
        raise InvalidCommand([("", Text("erwartet wird ein Objekt", "an object is expected"))])
    return found
