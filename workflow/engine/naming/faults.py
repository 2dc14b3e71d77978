"""What is wrong with a body, by places that exist in it, in both languages."""

from collections.abc import Mapping, Sequence
from json import JSONDecodeError
from typing import Any

from workflow.engine.naming.located_errors import Place, locate_errors
from workflow.text import Text, get_text

GERMAN = {
    "missing": "fehlt",
    "extra_forbidden": "ist hier nicht vorgesehen",
    "string_type": "muss ein Text sein",
    "string_too_short": "braucht mindestens {min_length} Zeichen",
    "string_too_long": "darf höchstens {max_length} Zeichen haben",
    "string_pattern_mismatch": "hat nicht die Form {pattern}",
    "int_type": "muss eine ganze Zahl sein",
    "int_parsing": "muss eine ganze Zahl sein",
    "int_from_float": "muss eine ganze Zahl sein",
    "float_type": "muss eine Zahl sein",
    "float_parsing": "muss eine Zahl sein",
    "bool_type": "muss true oder false sein",
    "bool_parsing": "muss true oder false sein",
    "greater_than": "muss größer als {gt} sein",
    "greater_than_equal": "muss mindestens {ge} sein",
    "less_than": "muss kleiner als {lt} sein",
    "less_than_equal": "darf höchstens {le} sein",
    "enum": "muss eines sein von {expected}",
    "literal_error": "muss eines sein von {expected}",
    "list_type": "muss eine Liste sein",
    "tuple_type": "muss eine Liste sein",
    "dict_type": "muss ein Objekt sein",
    "model_type": "muss ein Objekt sein",
    "model_attributes_type": "muss ein Objekt sein",
    "too_short": "braucht mindestens {min_length} Einträge",
    "too_long": "darf höchstens {max_length} Einträge haben",
    "date_type": "muss ein Datum sein (JJJJ-MM-TT)",
    "date_parsing": "muss ein Datum sein (JJJJ-MM-TT)",
    "date_from_datetime_parsing": "muss ein Datum sein (JJJJ-MM-TT)",
    "datetime_type": "muss ein Zeitpunkt sein (RFC 3339)",
    "datetime_parsing": "muss ein Zeitpunkt sein (RFC 3339)",
    "datetime_from_date_parsing": "muss ein Zeitpunkt sein (RFC 3339)",
    "timezone_aware": "muss eine Zeitzone nennen",
    "date_from_datetime_inexact": "muss ein Datum ohne Uhrzeit sein (JJJJ-MM-TT)",
    "datetime_object_invalid": "muss ein Zeitpunkt sein (RFC 3339)",
    "finite_number": "muss eine endliche Zahl sein",
    "int_parsing_size": "ist eine zu große Zahl",
    "string_unicode": "ist kein gültiger Text",
    "mapping_type": "muss ein Objekt sein",
    "none_required": "muss null sein",
    "union_tag_invalid": "muss eines sein von {expected_tags}",
    "union_tag_not_found": "sagt nicht, was es ist ({discriminator})",
    "url_parsing": "ist keine gültige URL",
    "json_invalid": "ist kein gültiges JSON",
    "json_type": "ist kein gültiges JSON",
}
"""Kind of fault -> what is wrong, in German."""
Fault = tuple[str, str | Text]
"""A JSON Pointer, and what is wrong there; text in one language where nobody has translated it."""


def list_faults(errors: Sequence[Mapping[str, Any]], body: object) -> list[Fault]:
    """Of the errors of pydantic about a body."""
    found = locate_errors(errors, body)
    return list(dict.fromkeys((to_pointer(one.place), describe_error(one.error)) for one in found))


def describe_error(error: Mapping[str, Any]) -> str | Text:
    """What pydantic says, and the same in German where that is known."""
    said = error.get("ctx", {}).get("error")
    if isinstance(said, Exception):
        return get_text(said)
    english = str(error["msg"])
    german = GERMAN.get(error["type"])
    if german is None:
        return english
    context = dict(error.get("ctx", {}))
    if "expected" in context:
        context["expected"] = " oder ".join(context["expected"].rsplit(" or ", 1))
    return Text(german.format_map(context), english)


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
