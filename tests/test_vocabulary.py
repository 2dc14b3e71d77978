"""Names and texts use the words of the field: no metaphors, and functions are verbs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import FILES, ROOT, parse

WORDS_REPLACED = "0024-words.md"
"""The decision that names the words which were replaced."""
DOCUMENTS = [
    path
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if path.name != WORDS_REPLACED
]  # fmt: skip

BANNED = {
    "annex": "services of one application",
    "belt": "unreachable row",
    "care": "maintenance",
    "desk": "resource service, or with whom a slip is",
    "diary": "request recorder",
    "doorway": "middleware",
    "gate": "authenticator",
    "gathering": "command queue",
    "house": "services, or the authority",
    "news": "append signal",
    "noun": "resource",
    "pile": "scanned files",
    "riddle": "question",
    "sight": "visibility",
    "wire": "request, or connection",
}
"""Metaphor -> the word of the field. They are looked for as whole words, in the singular and plural."""
MEANT = (
    (r"[Hh]ouse.rules?", "the term for settings that an authority may choose"),
    (r"release gate|\bGATE\b", "the term of TR-03138 for the last check before paper is destroyed"),
    (r"Annex [A-Z]\b", "a part of a standard"),
    (r"\b[Ss]ight\b(?=[`\"|]|: |$)|\bSight\b(?! )|\bSight \(`", "the action of a mail folder (Sichten)"),
    (r"on the wire", "how HTTP transfers a header"),
    (r"after-care", "the phase that follows the introduction of a product"),
    (r"care/l(ock|ast)|eva\.care", "file names and a logger that operators know"),
    (r"service desk|in-house|Desk-Sharing", "terms of public administration"),
)
"""Where a banned word is the right one, as a pattern, and why."""
VAGUE = {"noun", "promise", "promises", "stuff", "thing", "things"}
"""Not in names; in a sentence they may say something."""
PARTICIPLES = {
    "asked", "born", "broken", "brought", "described", "drawn", "found", "given", "laid", "led", "lost", "made",
    "meant", "said", "shown", "told", "wanted", "wrapped", "written",
}  # fmt: skip
"""Public functions do not begin with one of these: they are verbs such as get, read, describe, render, build."""


def _words(name: str) -> list[str]:
    """`HTMLPage` and `html_page` as [html, page]."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().strip("_").split("_")


def _definitions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of what a module defines: classes, functions, parameters, variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of every docstring, also of attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def find_metaphors(text: str) -> list[str]:
    """Banned words in a text, in the order of the table."""
    for pattern, _ in MEANT:
        text = re.sub(pattern, " ", text)
    plain = set(re.findall(r"[a-z]+", text.lower()))
    return [word for word in BANNED if plain & {word, f"{word}s"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Waits at the gate of the house", ["gate", "house"]),
        ("Two doorways", ["doorway"]),
        ("House rules of the release gate", []),
        ("The action `sight` of ISO 32000-1, Annex C", []),
        ("A page in sight of others", ["sight"]),
        ("Something careful and desktop", []),
    ],
)
def test_metaphors_are_found_as_whole_words(text: str, found: list[str]) -> None:
    assert find_metaphors(text) == found


def test_names_are_no_metaphors() -> None:
    wrong = []
    for path in FILES:
        names = [(0, path.stem), *_definitions(parse(path))]
        for line, name in names:
            if re.search("|".join(pattern for pattern, _ in MEANT), name):
                continue
            words = _words(name)
            wrong += [f"{path.relative_to(ROOT)}:{line}: {name}" for _ in find_metaphors(" ".join(words))]
            wrong += [f"{path.relative_to(ROOT)}:{line}: {name}" for _ in VAGUE & set(words)]
    assert not wrong, "\n".join(wrong)


def test_docstrings_speak_plainly() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {word}: {BANNED[word]}"
        for path in FILES
        for line, text in _texts(parse(path))
        for word in find_metaphors(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_speak_plainly(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {word}: {BANNED[word]}"
        for number, line in enumerate(lines, 1)
        for word in find_metaphors(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_public_functions_are_verbs() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in FILES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and _words(node.name)[0] in PARTICIPLES
    ]
    assert not wrong, "\n".join(wrong)
