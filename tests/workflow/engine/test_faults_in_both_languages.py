"""What the engine's own checks find wrong with a body is told in German too, at a place that the body has."""

import json
from typing import Any

import pytest

from tests.german import find_english
from workflow.engine.commands import Command, parse
from workflow.engine.fields import FreeText, Line, Name, Time
from workflow.errors import InvalidCommand


class Note(Command):
    """A command with a field of every kind of text."""

    title: Line
    author: Name = "mueller"
    text: FreeText = ""
    at: Time | None = None
    readers: tuple[Name, ...] = ()


WRONG: list[tuple[dict[str, Any] | str, str, str]] = [
    ({"title": "  "}, "/title", "darf nicht leer sein"),
    ({"title": "\u200b"}, "/title", "darf nicht leer sein"),
    ({"title": "a\u0007"}, "/title", "das Zeichen U+0007 ist nicht erlaubt"),
    ({"title": "a", "author": "an\u200bna"}, "/author", "das Zeichen U+200B ist nicht zu sehen"),
    (
        {"title": "a", "author": "anna "},
        "/author",
        "Leerzeichen am Rand, oder mehrere hintereinander, sind nicht zu sehen",
    ),
    ({"title": "a", "readers": ["anna", "be\u202ea"]}, "/readers", "das Zeichen U+202E ist nicht zu sehen"),
    (
        {"title": "a", "at": "2021-06-01T08:00:00"},
        "/at",
        "erwartet: ein Zeitpunkt mit Zone, etwa 2021-06-01T08:00:00+02:00",
    ),
    ('{"title": "a", "title": "b"}', "", "der Schlüssel 'title' steht zweimal"),
    ('{"title": ', "", "ist kein gültiges JSON (Zeile 1, Spalte 11)"),
    ("[" * 100_000, "", "ist zu tief verschachtelt"),
]


@pytest.mark.parametrize(("body", "pointer", "says"), WRONG, ids=[says for _, _, says in WRONG])
def test_a_fault_is_told_in_german_at_its_place(body: dict[str, Any] | str, pointer: str, says: str) -> None:
    with pytest.raises(InvalidCommand) as refused:
        parse(Note, body)
    ((place, text),) = refused.value.texts
    assert (place, text.de) == (pointer, says)
    assert find_english(text.de) == []
    assert text.en != text.de
    assert refused.value.translated
    for part in pointer.split("/")[1:]:
        body = json.loads(json.dumps(body))[int(part) if part.isdecimal() else part]
