"""The text of a file that somebody wrote: UTF-8 of bounded size, without characters that deceive or break.

Refused are control characters, lone surrogates, line separators other than newlines, and marks that change the
direction of reading: what people see would differ from what is read, or all later line numbers would be wrong.
"""

import re
from pathlib import Path

from simulation.inputs.faults import Fault, Place, UnusableInput, at_most
from simulation.inputs.foreign_words import describe_system_error
from simulation.numbers import format_number
from workflow.text import Text

REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Characters that no value, key or file may hold; newline and tab are not among them."""
NO_FILE = Text("die Datei gibt es nicht", "there is no such file")
NOT_A_FILE = Text("ist keine Datei", "not a file")
AS_UTF_8 = Text("die Datei als UTF-8 speichern", "save the file as UTF-8")


def read_text(path: Path, name: str, most_bytes: int, how_to_save: Text = AS_UTF_8) -> str:
    """Read a UTF-8 file; raises `UnusableInput` with one fault, in which the file is called `name`.

    A file that is too large is refused before it is read.
    """
    start = Place(name, 1, 1)
    try:
        if not path.is_file():
            raise UnusableInput([Fault(start, NOT_A_FILE if path.exists() else NO_FILE)])
        if path.stat().st_size > most_bytes:
            raise UnusableInput([_too_large(start, path.stat().st_size, most_bytes)])
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, holds NUL, or links to itself
        raise UnusableInput([Fault(start, describe_unreadable(error))]) from error
    return decode_text(data, name, most_bytes, how_to_save)


def decode_text(data: bytes, name: str, most_bytes: int, how_to_save: Text = AS_UTF_8) -> str:
    """The text in the bytes of a file called `name`; raises `UnusableInput` with one fault."""
    start = Place(name, 1, 1)
    if len(data) > most_bytes:
        raise UnusableInput([_too_large(start, len(data), most_bytes)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise UnusableInput(
            [Fault(_place_after(name, before), Text("kein UTF-8", "not UTF-8"), how_to_save)]
        ) from error
    found = REFUSED.search(text)
    if found:
        place = _place_after(name, text[: found.start()])
        wrong = Text(f"das Zeichen U+{ord(found[0]):04X}", f"the character U+{ord(found[0]):04X}")
        raise UnusableInput([
            Fault(place, wrong, Text("Text ohne Steuerzeichen", "text without control characters"))
        ])  # fmt: skip
    return text


def describe_unreadable(error: Exception) -> Text:
    why = describe_system_error(error)
    return Text(f"nicht lesbar: {why.de}", f"cannot be read: {why.en}")


def _too_large(start: Place, size: int, most_bytes: int) -> Fault:
    wrong = Text(f"die Datei hat {format_number(size, 'de')} Byte", f"the file has {format_number(size, 'en')} bytes")
    return Fault(start, wrong, at_most(most_bytes))


def _place_after(name: str, before: str) -> Place:
    """Place of the character after `before`; lines end as editors end them, with LF, CR LF or CR."""
    lines = re.split("\r\n|\r|\n", before)
    return Place(name, len(lines), len(lines[-1]) + 1)
