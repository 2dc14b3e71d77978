"""The four steps of disposal with an archive: offer, appraise, transfer, confirm, each an action and a message.

Who may do them, in which state, and that the same person does not offer and appraise, is decided by the engine alone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from api.application.disposal.package import locate_fault, parse_message, read_package, write_package
from scanning.storage.content_store import ContentStore
from simulation.inputs.faults import UnusableInput
from workflow.disposal.messages import (
    Letter,
    build_appraise,
    build_confirm,
    build_offer,
    build_transfer,
    get_transferable,
    list_files,
)
from workflow.disposal.xdomea.codes import Message, Version
from workflow.disposal.xdomea.model import Appraisal, Confirmation
from workflow.disposal.xdomea.reading import read_0502, read_0506
from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand, NotFound
from workflow.records.disposal_actions import Offer, Transfer
from workflow.records.file_plan import FilePlan, plan_stream
from workflow.records.record import Life, Record, stream

M = TypeVar("M", Appraisal, Confirmation)


@dataclass(frozen=True)
class Sending:
    record: str
    """Id of the record."""
    case: str | None
    """Id of one of its cases; None for the record with its cases."""
    folder: Path
    receiver: str
    sender: str | None = None
    """None: the authority of the record."""
    version: Version = "3.0.0"
    again: bool = False
    """Write the message of a step that was done before once more, and do nothing else."""


class Step(NamedTuple):
    record: Record
    process: str | None
    message: Message
    file: Path | None
    """The package that was written or read; None where the step needs no message (two-step procedure)."""


def offer(engine: Engine, actor: Actor, sending: Sending) -> Step:
    """Offer a record or case, and write its 0501; what the file plan has appraised beforehand needs none."""
    record, life = _act(engine, actor, sending, Offer(case=sending.case))
    if life.state == "appraised" and not sending.again:
        return Step(record, life.process, "0501", None)
    process = life.process or ""
    letter = _write_letter(engine, sending, record, "record.offered", process)
    message = build_offer(record, process, letter)
    return Step(record, process, "0501", write_package(sending.folder, letter.header(process, "0501"), message, {}))


def transfer(engine: Engine, data: Path, actor: Actor, sending: Sending) -> Step:
    """Transfer what the archive has appraised A, and write its 0503 with the primary files.

    The files are read from the content store in the folder `data` and compared with their hashes before anything is
    recorded; raises `NotFound` where one is missing, `Corrupted` where one is not what was filed.
    """
    before = _get_record(engine, actor, sending.record)
    life = before.life_of(sending.case or before.id)
    if life and not sending.again:
        _check_files(data, list_files(before, get_transferable(before, life)))
    record, life = _act(engine, actor, sending, Transfer(case=sending.case))
    process = life.process or ""
    letter = _write_letter(engine, sending, record, "record.transferred", process)
    message = build_transfer(record, process, letter)
    sent = {other.id for other in record.lives() if other.state == "transferred" and other.process == process}
    files = _check_files(data, list_files(record, sent))
    return Step(record, process, "0503", write_package(sending.folder, letter.header(process, "0503"), message, files))


def appraise(engine: Engine, actor: Actor, file: Path) -> Step:
    """Record what the archive has decided in a 0502; raises `UnusableInput`."""
    return _receive(engine, actor, file, "0502", read_0502, build_appraise)


def confirm(engine: Engine, actor: Actor, file: Path) -> Step:
    """Record what the archive has taken in by a 0506; raises `UnusableInput`."""
    return _receive(engine, actor, file, "0506", read_0506, build_confirm)


def _receive(
    engine: Engine,
    actor: Actor,
    file: Path,
    message: Message,
    read: Callable[[bytes], M],
    build: Callable[[M, Record], Command],
) -> Step:
    data = read_package(file)
    found = parse_message(file, data, read)
    process = found.header.process
    record = _find_record(engine, actor, process)
    if record is None:
        raise UnusableInput([locate_fault(file, data, process, f"process {process} is unknown", "one of this office")])
    try:
        command = build(found, record)
    except InvalidCommand as wrong:
        places = ((pointer.rpartition("/")[2], fault) for pointer, fault in wrong.faults)
        raise UnusableInput(
            [locate_fault(file, data, key, fault, f"what belongs to process {process}") for key, fault in places]
        ) from wrong
    return Step(engine.handle(command, actor, stream(record.id)).state, process, message, file)


def _act(engine: Engine, actor: Actor, sending: Sending, command: Command) -> tuple[Record, Life]:
    """Do the action, unless it was done before; the record and the object that is meant."""
    sending.folder.mkdir(parents=True, exist_ok=True)  # fails before anything is recorded
    if sending.again:
        record = _get_record(engine, actor, sending.record)
    else:
        record = engine.handle(command, actor, stream(sending.record)).state
    life = record.life_of(sending.case or record.id)
    if life is None:
        raise NotFound("case", str(sending.case))
    return record, life


def _get_record(engine: Engine, actor: Actor, key: str) -> Record:
    record = engine.load(stream(key)).state
    if not isinstance(record, Record) or not record.known_to(actor):
        raise NotFound("record", key)
    return record


def _find_record(engine: Engine, actor: Actor, process: str) -> Record | None:
    """The record of a process, where there is one that the person may know of."""
    for row in engine.log.read_types("record.offered", "record.transferred"):
        if row.payload is not None and json.loads(row.payload)["process"] == process:
            record: Record = engine.load(row.stream).state
            return record if record.known_to(actor) else None
    return None


def _write_letter(engine: Engine, sending: Sending, record: Record, event: str, process: str) -> Letter:
    """Dated as the event in the log, so that a message written again is the same."""
    rows = [row for row in engine.log.read(stream(record.id)) if row.type == event and row.payload is not None]
    times = [row.time for row in rows if json.loads(str(row.payload))["process"] == process]
    created = datetime.fromisoformat(times[-1]) if times else engine.clock()
    plan = engine.find(plan_stream(record.authority), FilePlan)
    unit = plan.units.get(record.file_plan_code) if plan is not None else None
    sender = sending.sender or record.authority
    return Letter(created, sender, sending.receiver, sending.version, unit.title if unit else None)


def _check_files(data: Path, files: Mapping[str, str]) -> dict[str, Path]:
    """Name -> path of each file, read and compared with its hash."""
    if not files:
        return {}
    if not (data / "content").is_dir():
        raise NotFound("content store", str(data))
    store = ContentStore(data / "content")
    for digest in set(files.values()):
        store.read(digest)
    return {name: store.path(digest) for name, digest in files.items()}
