"""What parsers and the operating system say is told in German too, and in English as they say it."""

import csv
import errno
import io
import json
from xml.etree import ElementTree as ET

import pytest

from simulation.inputs import foreign_words
from simulation.inputs.faults import UnusableInput
from simulation.inputs.foreign_words import UNKNOWN, describe_system_error, translate
from simulation.inputs.yaml_file import parse_yaml

BROKEN = [
    ("a: b: c", "hier darf kein Wert hinter einem `:` stehen"),
    ("a: @x", "mit dem Zeichen '@' darf nichts beginnen"),
    ("a: [1, 2", "ein `,` oder `]` fehlt"),
    ("a: 'x", "die Datei endet mitten in einem Text"),
    ('a: "\\q"', "die Schreibweise \\q gibt es nicht"),
    ("a:\n  b: 1\n c: 2", "die Einrückung passt nicht zu den Zeilen davor"),
    ("}", "ein Wert fehlt"),
]


@pytest.mark.parametrize(("text", "says"), BROKEN)
def test_what_is_no_yaml_is_told_in_german(text: str, says: str) -> None:
    with pytest.raises(UnusableInput) as unusable:
        parse_yaml(text, "f")
    assert unusable.value.faults[0].wrong.de == f"kein YAML: {says}"


@pytest.mark.parametrize(
    "text", ["", "<a>", "<a></b>", "<a", "<a b='1' b='2'/>", "<a/><b/>", "<a>&x;</a>", "<x:a/>", "\x01"]
)
def test_what_is_no_xml_is_told_in_german(text: str) -> None:
    with pytest.raises(ET.ParseError) as wrong:
        ET.fromstring(text)  # noqa: S314 - our own
    assert translate(str(wrong.value), foreign_words.XML).de != UNKNOWN


@pytest.mark.parametrize("text", ["", "{", '{"a"}', '{"a": 1 "b"}', "1 2", '"a', '"\n"', '"\\q"', '{"a": 1,}', "[1 2]"])
def test_what_is_no_json_is_told_in_german(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as wrong:
        json.loads(text)
    assert translate(wrong.value.msg, foreign_words.JSON).de != UNKNOWN


@pytest.mark.parametrize("text", ['"a', '"a"b', f'"{"x" * 200_000}"'])
def test_what_is_no_csv_is_told_in_german(text: str) -> None:
    with pytest.raises(csv.Error) as wrong:
        list(csv.reader(io.StringIO(text), strict=True))
    assert translate(str(wrong.value), foreign_words.CSV).de != UNKNOWN


def test_a_parser_that_says_something_new_is_told_without_its_words() -> None:
    assert translate("brand-new", foreign_words.JSON) == (UNKNOWN, "brand-new")


def test_errors_of_the_system_are_told_by_their_number() -> None:
    assert describe_system_error(PermissionError(errno.EACCES, "Permission denied")) == (
        "kein Zugriff", "Permission denied",
    )  # fmt: skip
    assert describe_system_error(OSError(9999, "odd")).de == "das Betriebssystem meldet Fehler 9999"
    assert describe_system_error(ValueError("embedded null byte")).de == "einen solchen Namen kann keine Datei haben"
