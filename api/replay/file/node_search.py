"""Looking for names and texts in a part of a file."""

from collections.abc import Iterator

from simulation.inputs.yaml_file import Node


def list_names(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Names in a list, a single text, or in `includes` and `excludes`."""
    if node is not None and isinstance(node.value, str):
        yield node.value, node
    for inner in _list_inner(node):
        yield from list_names(inner)


def _list_inner(node: Node | None) -> list[Node]:
    value = node.value if node is not None else None
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def find_text(node: Node, text: str) -> Node:
    """Where a text stands in a value; for a key, where the key stands."""
    if node.value == text:
        return node
    if isinstance(node.value, dict) and text in node.keys:
        return Node(node.keys[text], text)
    found = (find_text(inner, text) for inner in _list_inner(node))
    return next((one for one in found if one.value == text), Node(node.place, None))
