"""What the engine and the server refuse, and every fault of a file, is told in German and English.

That a `Fault` takes a text in both languages and no other, mypy sees; here is what gets past it.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.application import errors as application
from api.server.http import errors as http
from tests.german import find_english
from workflow import errors as engine

ROOT = Path(__file__).parents[1]
ROOMS = ("workflow", "scanning", "simulation", "api")


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
    assert found == set()


@pytest.mark.parametrize(("source", "lines"), [
    ('InvalidCommand([("/a", "wrong")])', [1]),
    ('e.InvalidCommand([(f"/{a}", f"{a} is wrong") for a in b])', [1]),
    ('InvalidCommand([("/a", Text("falsch", "wrong")), ("/b", wrong)])', []),
])  # fmt: skip
def test_what_is_looked_for_is_found(source: str, lines: list[int]) -> None:
    assert list(english_only(source)) == lines


GERMAN = {
    kind.__name__: list(inspect.signature(kind).parameters).index("de")
    for module in (engine, application, http)
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, engine.EvaError) and "de" in inspect.signature(kind).parameters
}
"""Kind of error -> which of its arguments is in German."""


def one_language(source: str) -> Iterator[int]:
    """Lines of texts that are told in German as in English, though they are words: `same("is wrong")`."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name, texts = ast.unparse(call.func), [read_words(argument) for argument in call.args]
        if name == "same" and any(map(find_english, texts)):
            yield call.lineno
        if name in {"Text", "InvalidValue"} and texts and find_english(texts[0]):
            yield call.lineno
        german = GERMAN.get(name.rpartition(".")[2])
        if german is not None and any(map(find_english, texts[german : german + 1])):
            yield call.lineno


def read_words(node: ast.expr) -> str:
    """The words of a text in a source, what is put into it aside; empty for what is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(one.value if isinstance(one, ast.Constant) else "`x`" for one in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("room", ROOMS)
def test_no_text_is_english_in_german(room: str) -> None:
    found = {
        f"{file.relative_to(ROOT).as_posix()}:{line}"
        for file in (ROOT / room).rglob("*.py")
        for line in one_language(file.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(("source", "lines"), [
    ('same("the file is empty")', [1]),
    ('same(f"`{a}` is no day")', [1]),
    ('same(f"`kind: {a}`")', []),
    ('Text("the file is empty", "the file is empty")', [1]),
    ('Text("der Tag", "the day")', []),
    ('InvalidValue("no list", "no list")', [1]),
    ('e.StoreFull("the disk is full", "the disk is full")', [1]),
    ('StoreFull("the disk is full", "Der Speicher ist voll")', []),
])  # fmt: skip
def test_texts_in_one_language_are_found(source: str, lines: list[int]) -> None:
    assert sorted(set(one_language(source))) == lines
