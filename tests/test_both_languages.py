"""What the engine and the server refuse is told in German and English."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("workflow", "scanning", "simulation", "api")
IN_ENGLISH = {"api/server/routes/disposal.py"}
"""Hands on the faults of files that are XML, as their reader tells them."""


def english_only(source: str) -> Iterator[int]:
    """Lines of messages that an `InvalidCommand` takes as text of one language."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("InvalidCommand") and call.args:
            for pair in ast.walk(call.args[0]):
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                    message = pair.elts[1]
                    if isinstance(message, ast.JoinedStr | ast.Constant):
                        yield message.lineno


def test_every_fault_of_a_command_has_both_languages() -> None:
    found = {
        f"{file.relative_to(ROOT).as_posix()}:{line}"
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
        for line in english_only(file.read_text(encoding="utf-8"))
    }
    assert {place for place in found if place.partition(":")[0] not in IN_ENGLISH} == set()
    assert {place.partition(":")[0] for place in found} == IN_ENGLISH, "an exception that is none"


@pytest.mark.parametrize(("source", "lines"), [
    ('InvalidCommand([("/a", "wrong")])', [1]),
    ('e.InvalidCommand([(f"/{a}", f"{a} is wrong") for a in b])', [1]),
    ('InvalidCommand([("/a", Text("falsch", "wrong")), ("/b", wrong)])', []),
])  # fmt: skip
def test_what_is_looked_for_is_found(source: str, lines: list[int]) -> None:
    assert list(english_only(source)) == lines
