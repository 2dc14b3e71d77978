"""What a validator says, in the words of a file: which value, where, and what is expected instead."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from workflow.engine.naming.expected import find_expected
from workflow.engine.naming.located_errors import Located, Place, locate_errors
from workflow.text import InvalidValue, Text

_A_MAPPING = Text("eine Zuordnung", "a mapping")
_WORDS = {
    "dict": _A_MAPPING, "model": _A_MAPPING, "mapping": _A_MAPPING,
    "missing": Text("fehlt", "is missing"), "extra": Text("ist hier kein Schlüssel", "is no key here"),
}  # fmt: skip
"""First word of a kind of error -> what is said of it in a file, where that is otherwise than in a body."""
_FORMS = {
    "^[0-9a-f]{8}-": Text("der Name von etwas oder seine Kennung", "the name of something, or its id"),
    "^[0-9a-f]{64}$": Text("ein SHA-256-Hash", "a SHA-256 hash"),
    "^[^\\s:/": Text("ein Name ohne : und /", "a name without : and /"),
    "^[^\\s/]": Text("ein Name, mit / ein Teil dessen, was er nennt", "a name, with / a part of what it names"),
    "^[0-9]{1,4}(": Text("Gruppen von Ziffern, etwa 43.21", "groups of digits such as 43.21"),
    "^[A-Za-zÄ": Text(
        "Buchstaben, Ziffern und _ . - hinter einem Buchstaben", "letters, digits and _ . - after a letter"
    ),
    "^[a-z0-9][a-z0-9_-]*$": Text(
        "kleine Buchstaben ohne Umlaut, Ziffern, _ und -", "lower-case letters, digits, _ and -"
    ),
    "^[^\\x00-\\x1f]*$": Text("ein Text in einer Zeile", "a text in one line"),
    "^[A-Za-z0-9][A-Za-z0-9._-]*\\.csv$": Text("eine Datei .csv in diesem Ordner", "a file .csv in this folder"),
    "^([01][0-9]|2[0-3])": Text("eine Uhrzeit, etwa 07:30", "a time of day such as 07:30"),
    "^[A-Za-z0-9][A-Za-z0-9_.-]*$": Text("ein Hebel, etwa rollout.teams", "a lever such as rollout.teams"),
    "^[0-9]{4}-(0[1-9]": Text(
        "ein Tag, etwa 2022-03-01, oder ein Monat, etwa 2022-03", "a day such as 2022-03-01, or a month such as 2022-03"
    ),
    "^[+-] ?[0-9]{1,4} (day": Text(
        "ein Tag, etwa 2022-03-01, oder eine Dauer, etwa +3 Monate",
        "a day such as 2022-03-01, or a span such as +3 months",
    ),
    "^[0-9]{2}:[0-9]{2}-": Text(
        "eine Zahl, ein Tag, etwa 2022-03-01, oder Schichten, etwa 06:30-14:30+14:30-22:30",
        "a number, a day such as 2022-03-01, or shifts such as 06:30-14:30+14:30-22:30",
    ),
}
"""Beginning of a pattern -> what it asks for."""


class Problem(NamedTuple):
    path: Place
    """To the value, or to the key that is missing or too much."""
    kind: str
    expected: Text
    value: Any


def explain(problem: Mapping[str, Any]) -> Text:
    """What is expected where a value does not fit."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        return _repeat(problem, context.get("error"))
    pattern = str(context.get("pattern", ""))
    form = next((says for begin, says in _FORMS.items() if pattern.startswith(begin)), None)
    return form or _WORDS.get(kind.partition("_")[0]) or find_expected(problem) or _other(str(problem["msg"]))


def _other(english: str) -> Text:
    return Text("ein anderer Wert", english)


def _repeat(problem: Mapping[str, Any], said: Exception | None) -> Text:
    """What one of our own checks says."""
    if isinstance(said, InvalidValue):
        return said.text
    english = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return _other(english)


def show_path(path: Iterable[str | int]) -> str:
    """As `fields` in a file writes it: numbers count from 1."""
    return "/".join(str(part + 1) if isinstance(part, int) else part for part in path)


def read_problems(problems: Sequence[Mapping[str, Any]], value: Any) -> list[Problem]:
    """Each problem once, of a choice between forms those of the form that the value resembles most."""
    return [
        Problem(_show_key(one), one.error["type"], explain(one.error), one.error.get("input"))
        for one in locate_errors(problems, value)
    ]


def _show_key(found: Located) -> Place:
    """The path, which for a wrong key ends with `[key]`."""
    return (*found.place, "[key]") if found.error["loc"][-1:] == ("[key]",) else found.place
