"""What parsers and the operating system say of a file, in both languages."""

import errno
import re
from collections.abc import Mapping

from workflow.text import Text

YAML = {
    r"mapping values are not allowed.*": "hier darf kein Wert hinter einem `:` stehen",
    r"could not find expected ':'": "ein `:` fehlt",
    r"found character (.+) that cannot start any token": r"mit dem Zeichen \1 darf nichts beginnen",
    r"found duplicate key (.+)": r"der Schlüssel \1 steht zweimal",
    r"found unexpected end of stream": "die Datei endet mitten in einem Text",
    r"found unexpected document separator": "ein Dokument endet mitten in einem Text",
    r"found unknown escape character '(.+)'": r"die Schreibweise \\\1 gibt es nicht",
    r"expected <block end>, but found .*": "die Einrückung passt nicht zu den Zeilen davor",
    r"expected ',' or '(.)', but got .*": r"ein `,` oder `\1` fehlt",
    r"expected the node content, but found .*": "ein Wert fehlt",
    r"too deep": "zu tief verschachtelt",
}
XML = {
    r"no element found.*": "kein Element gefunden",
    r"not well-formed \(invalid token\).*": "ein Zeichen steht, wo keines stehen darf",
    r"mismatched tag.*": "ein Element wird anders geschlossen als geöffnet",
    r"unclosed token.*": "die Datei endet mitten in einem Element",
    r"duplicate attribute.*": "ein Attribut steht zweimal",
    r"junk after document element.*": "hinter dem letzten Element steht noch etwas",
    r"undefined entity.*": "eine Entität ist nicht erklärt",
    r"unbound prefix.*": "ein Präfix ist nicht erklärt",
    r"unknown encoding.*": "die Kodierung ist nicht bekannt",
}
JSON = {
    r"Expecting value": "ein Wert fehlt",
    r"Expecting ',' delimiter": "ein `,` fehlt",
    r"Expecting ':' delimiter": "ein `:` fehlt",
    r"Expecting property name enclosed in double quotes": 'ein Name in "Anführungszeichen" fehlt',
    r"Extra data": "hinter dem Ende steht noch etwas",
    r"Unterminated string starting at": "ein Text endet nicht, der hier beginnt",
    r"Invalid control character at": "ein Steuerzeichen in einem Text",
    r"Invalid \\.*escape.*": r"eine Schreibweise mit \\ gibt es so nicht",
}
CSV = {
    r"field larger than field limit \((\d+)\)": r"eine Zelle mit mehr als \1 Zeichen",
    r"unexpected end of data": "die Datei endet mitten in einer Zelle",
    r"'(.)' expected after '\"'": r'hinter dem schließenden " fehlt ein \1',
    r"line contains NUL": "ein Zeichen NUL",
}
SYSTEM = {
    errno.ENOENT: "Datei oder Ordner gibt es nicht",
    errno.EACCES: "kein Zugriff",
    errno.EPERM: "nicht erlaubt",
    errno.EISDIR: "ist ein Ordner",
    errno.ENOTDIR: "ist kein Ordner",
    errno.EEXIST: "gibt es schon",
    errno.ENAMETOOLONG: "der Name ist zu lang",
    errno.ELOOP: "zu viele Verweise hintereinander",
    errno.ENOSPC: "kein Platz mehr auf dem Datenträger",
    errno.EROFS: "der Datenträger lässt nur lesen zu",
    errno.ENOTEMPTY: "der Ordner ist nicht leer",
    errno.EIO: "Fehler beim Lesen oder Schreiben",
    errno.EINVAL: "ein solcher Name ist nicht möglich",
}
"""Number of an error of the operating system -> what it means."""
UNKNOWN = "die Schreibweise stimmt hier nicht"


def translate(says: str, phrases: Mapping[str, str], unknown: str = UNKNOWN) -> Text:
    """What a parser says, with the German of its `phrases` (patterns); `unknown` where it is none of them."""
    for pattern, german in phrases.items():
        found = re.fullmatch(pattern, says)
        if found:
            return Text(found.expand(german), says)
    return Text(unknown, says)


def describe_system_error(error: Exception) -> Text:
    """Why the operating system, or Python before it, does not open or write a file; or why we refuse a place."""
    told: Text | None = getattr(error, "text", None)
    if told is not None:
        return told
    number = getattr(error, "errno", None)
    says = str(getattr(error, "strerror", None) or error)
    return Text(SYSTEM.get(number, f"das Betriebssystem meldet Fehler {number}"), says) if number else _describe(says)


def describe_failure(error: Exception) -> Text:
    """The same with the file that it is about."""
    about = getattr(error, "filename", None)
    return Text(describe_system_error(error).de + (f": {about}" if about else ""), str(error))


def _describe(says: str) -> Text:
    """Python itself refuses a name that no file can have."""
    return Text("einen solchen Namen kann keine Datei haben", says)
