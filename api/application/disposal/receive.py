"""What an archive answers (0502, 0504, 0506, 0507) as commands on the record that the message is about."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from api.application.disposal.package import locate_fault, parse_message, read_package, write_package
from api.application.disposal.steps import Step
from simulation.inputs.faults import UnusableInput
from workflow.disposal.messages import build_appraise, build_confirm, build_receipt
from workflow.disposal.xdomea.codes import NAMESPACES, RECEIPTS, Message, Version
from workflow.disposal.xdomea.elements import read_message_type
from workflow.disposal.xdomea.model import Header
from workflow.disposal.xdomea.reading import read_0502, read_0506, read_receipt
from workflow.disposal.xdomea.writing import write_receipt
from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand
from workflow.records.record import Record, stream
from workflow.text import Text, same

_READERS: Mapping[Message, tuple[Callable[[bytes], Any], Callable[[Any, Record], Command]]] = {
    "0502": (read_0502, build_appraise),
    "0504": (lambda data: read_receipt(data, "0504"), build_receipt),
    "0506": (read_0506, build_confirm),
    "0507": (lambda data: read_receipt(data, "0507"), build_receipt),
}
"""Message of an archive -> what reads it, and what makes a command of it."""


class Answer(NamedTuple):
    """A message of the archive, and what it asks of which record."""

    record: str
    header: Header
    message: Message
    version: Version
    command: Command


def receive(
    engine: Engine, actor: Actor, file: Path, receipts: Path | None = None, *, only: Message | None = None
) -> Step:
    """Record what the archive says in a message; raises `UnusableInput`.

    Where the message asks for a receipt, it is written into the folder `receipts`; without one, such a message is
    refused, because the archive would wait for ever. `only` refuses every other type of message.
    """
    answer = read_answer(engine, actor, file, only=only)
    header = answer.header
    if header.receipt_wanted and receipts is None:
        wrong = Text("das Archiv verlangt eine Quittung", "the archive asks for a receipt")
        expected = Text("ein Ordner dafür (--out)", "a folder for it (--out)")
        raise UnusableInput([locate_fault(file, read_package(file), header.process, wrong, expected)])
    done = engine.handle(answer.command, actor, stream(answer.record))
    receipt = None
    if header.receipt_wanted and receipts is not None:
        back = build_receipt_header(header, engine)
        receipt = write_package(receipts, back, write_receipt(back, version=answer.version), {})
    return Step(done.state, header.process, answer.message, file, receipt)


def read_answer(
    engine: Engine,
    actor: Actor,
    file: Path,
    *,
    only: Message | None = None,
    load: Callable[[str], Record] | None = None,
) -> Answer:
    """Read a message of the archive, as zip or XML; raises `UnusableInput`. `load` gives the record of a stream."""
    data = read_package(file)
    message: Message = parse_message(file, data, read_message_type) if only is None else only
    if message not in _READERS:
        wrong = Text(f"eine Nachricht {message} kommt von einer Behörde", f"a message {message} comes from an office")
        expected = same(", ".join(sorted(_READERS)))
        raise UnusableInput([locate_fault(file, data, message, wrong, expected)])
    read, build = _READERS[message]
    found = parse_message(file, data, read)
    header: Header = found.header
    record = _find_record(engine, actor, header.process, load or (lambda where: engine.load(where).state))
    if record is None:
        wrong = Text(f"das Verfahren {header.process} ist unbekannt", f"process {header.process} is unknown")
        raise UnusableInput(
            [locate_fault(file, data, header.process, wrong, Text("eines dieser Behörde", "one of this office"))]
        )
    try:
        command = build(found, record)
    except InvalidCommand as no:
        places = ((pointer.rpartition("/")[2], fault) for pointer, fault in no.texts)
        belonging = Text(f"was zum Verfahren {header.process} gehört", f"what belongs to process {header.process}")
        raise UnusableInput([locate_fault(file, data, key, fault, belonging) for key, fault in places]) from no
    return Answer(record.id, header, message, _get_version(data), command)


def build_receipt_header(header: Header, engine: Engine) -> Header:
    """The head of the receipt of a message: back to who sent it."""
    return Header(
        header.process,
        RECEIPTS[header.message],
        engine.clock(),
        header.receiver,
        header.sender,
        sender_code=header.receiver_code,
        receiver_code=header.sender_code,
    )


def _get_version(data: bytes) -> Version:
    """The version of xdomea of a message that was read: its namespace."""
    versions: tuple[Version, ...] = ("3.0.0", "3.1.0")
    return next(version for version in versions if NAMESPACES[version].encode() in data)


def _find_record(engine: Engine, actor: Actor, process: str, load: Callable[[str], Record]) -> Record | None:
    """The record of a process, where there is one that the person may know of."""
    for row in engine.log.read_types("record.offered", "record.transferred"):
        if row.payload is not None and json.loads(row.payload)["process"] == process:
            record = load(row.stream)
            return record if record.known_to(actor) else None
    return None
