"""Who gets the daily e-mail, where and in which language: a CSV file that the operators keep.

Addresses stand in no log, which never forgets; who is to get nothing any more is taken out of the file.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from api.settings import ADDRESS
from workflow.errors import InvalidCommand
from workflow.text import Text

COLUMNS = ("user", "address", "language")
LANGUAGES = ("de", "en")


class Addressee(NamedTuple):
    user: str
    address: str
    language: str


def read_addresses(path: Path, language: str) -> list[Addressee]:
    """The rows of a file, `language` where one names none; `InvalidCommand` names the line of each that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader]
            columns = reader.fieldnames or ()
    except (OSError, ValueError, csv.Error) as no:
        says = Text(f"lässt sich nicht lesen: {no}", f"cannot be read: {no}")
        raise InvalidCommand([(str(path), says)]) from no
    if not {"user", "address"} <= set(columns) or not set(columns) <= set(COLUMNS):
        says = Text("erwartet werden die Spalten user,address,language", "expected the columns user,address,language")
        raise InvalidCommand([(f"{path}:1", says)])
    found = [Addressee(row["user"] or "", row["address"] or "", row.get("language") or language) for _, row in rows]
    faults = [
        (f"{path}:{line}", wrong) for (line, _), one in zip(rows, found, strict=True) for wrong in _find_fault(one)
    ]
    twice = {one.user for place, one in enumerate(found) if one.user in {other.user for other in found[:place]}}
    faults += [(str(path), Text(f"{user} steht mehrfach da", f"{user} is there more than once")) for user in twice]
    if faults:
        raise InvalidCommand(faults)
    return found


def _find_fault(one: Addressee) -> Iterator[Text]:
    if not one.user:
        yield Text("ohne Person", "without a person")
    if not ADDRESS.fullmatch(one.address):
        yield Text(f"{one.address!r} ist keine Adresse", f"{one.address!r} is no address")
    if one.language not in LANGUAGES:
        yield Text(f"{one.language!r} ist nicht de oder en", f"{one.language!r} is not de or en")
