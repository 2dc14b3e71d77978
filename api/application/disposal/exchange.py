"""The two folders between office and archive: what has been decided goes out, what the archive says is taken in.

Out: the package of every offer and transfer since the last time. In: every message file, in the order of the procedure;
what was taken in goes to `done`, what was refused to `refused`, with the reason beside it, and nothing is lost.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from api.application.disposal.package import read_package
from api.application.disposal.receive import receive
from api.application.disposal.steps import Letterhead, write_offer, write_transfer
from scanning.storage.content_store import ContentStore
from simulation.inputs.faults import UnusableInput
from workflow.disposal.xdomea.elements import UnreadableMessage, read_message_type
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.errors import EvaError, StoreUnavailable
from workflow.records.record import Record
from workflow.text import Text

SUBSCRIBER = "disposal-exchange"
ORDER = ("0504", "0502", "0507", "0506")
"""In the order of the procedure, so that files that come together find the state they need."""
_SENT = {"record.offered": "0501", "record.transferred": "0503"}


class Taken(NamedTuple):
    file: Path
    """Where the file lies now."""
    receipt: Path | None
    refused: tuple[Text, ...]
    """Why it was not taken in; nothing where it was."""


def send(engine: Engine, store: ContentStore | None, folder: Path, head: Letterhead) -> Iterator[Path]:
    """Write the package of every offer and transfer that was not written before; their paths.

    The place in the log up to which all was written is kept in the database after each package.
    """
    mine = engine.projection(SUBSCRIBER)
    after = mine.position()
    for row in reversed([row for row in engine.log.read_types(*_SENT) if row.position > after]):
        if row.payload is not None:  # else the record is deleted by now
            process, record = json.loads(row.payload)["process"], engine.load(row.stream).state
            path = _write(engine, store, record, row.type, process, folder, head)
            if path is not None:
                yield path
        mine.keep(row.position)


def _write(
    engine: Engine, store: ContentStore | None, record: Record, event: str, process: str, folder: Path, head: Letterhead
) -> Path | None:
    """None where the step was gone beyond meanwhile, so that its message says nothing any more."""
    state = "offered" if event == "record.offered" else "transferred"
    if not any(life.process == process and life.state == state for life in record.lives()):
        return None
    if event == "record.offered":
        return write_offer(engine, record, process, folder, head)
    return write_transfer(engine, store, record, process, folder, head)


def take_in(engine: Engine, actor: Actor, folder: Path, receipts: Path) -> Iterator[Taken]:
    """Take in every message of the folder (`.zip`, `.xml`); a file that is still being written has another name."""
    for file in _list_messages(folder):
        try:
            step = receive(engine, actor, file, receipts)
        except UnusableInput as no:
            faults = tuple(Text(*map(fault.tell, Text._fields)) for fault in no.faults)
        except StoreUnavailable:
            raise
        except EvaError as no:
            faults = (no.text,)
        else:
            yield Taken(_move(file, folder / "done", ()), step.receipt, ())
            continue
        yield Taken(_move(file, folder / "refused", faults), None, faults)


def _list_messages(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".zip", ".xml"} and path.is_file())
    return sorted(files, key=_get_rank)


def _get_rank(file: Path) -> int:
    try:
        message = read_message_type(read_package(file))
    except (UnusableInput, UnreadableMessage):
        return len(ORDER)
    return ORDER.index(message) if message in ORDER else len(ORDER)


def _move(file: Path, folder: Path, reasons: tuple[Text, ...]) -> Path:
    """Move a file beside those before it, with the reasons in both languages; one of the same name gets a number."""
    folder.mkdir(exist_ok=True)
    names = (folder / (file.name if not n else f"{file.stem}.{n}{file.suffix}") for n in range(1_000_000))
    place = next(path for path in names if not path.exists())
    if reasons:
        lines = dict.fromkeys(told for language in Text._fields for told in (one.get(language) for one in reasons))
        place.with_name(f"{place.name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file.rename(place)
