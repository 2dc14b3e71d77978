"""What a validator says, in the words of a file: which value, where, and what is expected instead."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from workflow.engine.naming.located_errors import Located, Place, locate_errors

_WORDS = {
    "string": "a text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "tuple": "a list", "list": "a list", "dict": "a mapping", "model": "a mapping", "mapping": "a mapping",
    "date": "a day such as 2021-06-11", "datetime": "a time with its zone such as 2021-06-01T08:00:00+02:00",
    "timezone": "a time with its zone such as 2021-06-01T08:00:00+02:00", "none": "nothing (null)",
}  # fmt: skip
"""First word of a kind of error -> what is expected."""
_BOUNDS = {
    "greater_than_equal": "at least {ge}", "less_than_equal": "at most {le}", "greater_than": "more than {gt}",
    "less_than": "less than {lt}", "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_too_short": "at least {min_length} characters", "string_too_long": "at most {max_length} characters",
    "enum": "one of {expected}", "literal_error": "one of {expected}",
}  # fmt: skip
_FORMS = {
    "^[0-9a-f]{8}-": "the name of something, or its id", "^[0-9a-f]{64}$": "a SHA-256 hash",
    "^[^\\s:/": "a name without : and /", "^[^\\s/]": "a name, with / a part of what it names",
    "^[0-9]{1,4}(": "groups of digits such as 43.21", "^[A-Za-z": "letters, digits and _ . - after a letter",
}  # fmt: skip
"""Beginning of a pattern -> what it asks for."""


class Problem(NamedTuple):
    path: Place
    """To the value, or to the key that is missing or too much."""
    kind: str
    expected: str
    value: Any


def explain(problem: Mapping[str, Any]) -> str:
    """What is expected where a value does not fit."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        return str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        return next(
            (says for begin, says in _FORMS.items() if pattern.startswith(begin)), f"text of the form {pattern}"
        )
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context).replace("'", "").replace(" or ", ", ")
    return _WORDS.get(kind.partition("_")[0], str(problem["msg"]))


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
