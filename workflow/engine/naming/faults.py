"""What is wrong with a body, by places that exist in it, in both languages."""

from collections.abc import Mapping, Sequence
from json import JSONDecodeError
from typing import Any

from workflow.engine.naming.expected import find_expected
from workflow.engine.naming.located_errors import Place, locate_errors
from workflow.text import Text, get_text

_SHAPE = {
    "missing": Text("fehlt", "is missing"),
    "extra_forbidden": Text("ist hier nicht vorgesehen", "has no place here"),
}
"""Kind of error -> what is wrong, where nothing else is expected."""
Fault = tuple[str, Text]
"""A JSON Pointer, and what is wrong there."""


def list_faults(errors: Sequence[Mapping[str, Any]], body: object) -> list[Fault]:
    """Of the errors of pydantic about a body."""
    found = locate_errors(errors, body)
    return list(dict.fromkeys((to_pointer(one.place), describe_error(one.error)) for one in found))


def describe_error(error: Mapping[str, Any]) -> Text:
    """What is wrong; of a kind of error that nobody has put into words, in German only that something is."""
    said = error.get("ctx", {}).get("error")
    if isinstance(said, Exception):
        return get_text(said)
    if error["type"] in _SHAPE:
        return _SHAPE[error["type"]]
    expected = find_expected(error)
    if expected is None:
        return Text("ist so nicht möglich", str(error["msg"]))
    return Text(f"erwartet: {expected.de}", f"expected: {expected.en}")


def describe_unreadable(error: Exception) -> Text:
    """What reading JSON raised."""
    if isinstance(error, JSONDecodeError):
        where = f"Zeile {error.lineno}, Spalte {error.colno}"
        return Text(f"ist kein gültiges JSON ({where})", f"is no valid JSON: {error}")
    if isinstance(error, RecursionError):
        return Text("ist zu tief verschachtelt", "is nested too deep")
    if isinstance(error, UnicodeError):
        return Text("ist kein UTF-8", "is not UTF-8")
    return get_text(error)


def to_pointer(place: Place) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
