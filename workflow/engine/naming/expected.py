"""What pydantic expects where a value does not fit, in the words of both languages."""

from collections.abc import Mapping
from typing import Any

from workflow.text import Text

_A_LIST, _AN_OBJECT, _JSON = Text("eine Liste", "a list"), Text("ein Objekt", "an object"), Text("JSON", "JSON")
_A_TIME = Text(
    "ein Zeitpunkt mit Zone, etwa 2021-06-01T08:00:00+02:00", "a time with its zone such as 2021-06-01T08:00:00+02:00"
)
_TYPES = {
    "string": Text("ein Text", "a text"), "int": Text("eine ganze Zahl", "a whole number"),
    "float": Text("eine Zahl", "a number"), "finite": Text("eine endliche Zahl", "a finite number"),
    "bool": Text("true oder false", "true or false"), "tuple": _A_LIST, "list": _A_LIST,
    "dict": _AN_OBJECT, "model": _AN_OBJECT, "mapping": _AN_OBJECT, "json": _JSON, "url": Text("eine URL", "a URL"),
    "date": Text("ein Tag, etwa 2021-06-11", "a day such as 2021-06-11"), "datetime": _A_TIME, "timezone": _A_TIME,
    "none": Text("nichts (null)", "nothing (null)"),
}  # fmt: skip
"""First word of a kind of error -> what is expected."""
_KINDS = {
    "greater_than_equal": Text("mindestens {ge}", "at least {ge}"),
    "less_than_equal": Text("höchstens {le}", "at most {le}"),
    "greater_than": Text("mehr als {gt}", "more than {gt}"),
    "less_than": Text("weniger als {lt}", "less than {lt}"),
    "too_short": Text("mindestens {min_length} davon", "at least {min_length} of them"),
    "too_long": Text("höchstens {max_length} davon", "at most {max_length} of them"),
    "string_too_short": Text("mindestens {min_length} Zeichen", "at least {min_length} characters"),
    "string_too_long": Text("höchstens {max_length} Zeichen", "at most {max_length} characters"),
    "string_pattern_mismatch": Text("ein Text der Form {pattern}", "text of the form {pattern}"),
    "int_parsing_size": Text("eine kleinere Zahl", "a smaller number"),
    "enum": Text("eines von {expected}", "one of {expected}"),
    "literal_error": Text("eines von {expected}", "one of {expected}"),
    "union_tag_invalid": Text("eines von {expected_tags}", "one of {expected_tags}"),
    "union_tag_not_found": Text("ein Objekt mit {discriminator}", "an object with {discriminator}"),
}
"""Kind of error -> what is expected, with its bounds."""


def find_expected(error: Mapping[str, Any]) -> Text | None:
    """What is expected; None for a kind of error that nothing here is known of."""
    kind, context = error["type"], dict(error.get("ctx", {}))
    if "expected" in context:
        context["expected"] = context["expected"].replace("'", "").replace(" or ", ", ")
    if kind in _KINDS:
        return Text(*(says.format(**context) for says in _KINDS[kind]))
    return _TYPES.get(kind.partition("_")[0])
