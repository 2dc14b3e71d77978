"""What an office sends to its archive: offer, transfer, the receipt of an appraisal, each the package of a message.

Who may do the steps, in which state, and that no person does both sides, is decided by the engine alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from api.application.disposal.formats import find_formats
from api.application.disposal.package import write_package
from scanning.storage.content_store import ContentStore
from workflow.disposal.messages import (
    Contents,
    Letter,
    build_offer,
    build_transfer,
    get_transferable,
    list_files,
)
from workflow.disposal.route_protocol import build_history
from workflow.disposal.xdomea.codes import Message, Version
from workflow.disposal.xdomea.writing import write_receipt as write_0505
from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.errors import NotFound
from workflow.file_plan.file_plan import FilePlan, plan_stream
from workflow.records.disposal_actions import Offer, Transfer
from workflow.records.record import Life, Record, stream


@dataclass(frozen=True)
class Letterhead:
    """What a message says of office and archive."""

    receiver: str
    sender: str | None = None
    """None: the authority of the record."""
    version: Version = "3.0.0"
    sender_code: str | None = None
    receiver_code: str | None = None
    receipt_wanted: bool = False


@dataclass(frozen=True)
class Sending:
    record: str
    """Id of the record."""
    case: str | None
    """Id of one of its cases; None for the record with its cases."""
    folder: Path
    head: Letterhead
    again: bool = False
    """Write the message of a step that was done before once more, and do nothing else."""


class Step(NamedTuple):
    record: Record
    process: str | None
    message: Message
    file: Path | None
    """The package that was written or read; None where the step needs no message (two-step procedure)."""
    receipt: Path | None = None
    """The receipt that was written because the archive asked for one."""


def offer(engine: Engine, actor: Actor, sending: Sending) -> Step:
    """Offer a record or case, and write its 0501; what the file plan has appraised beforehand needs none."""
    record, life = _act(engine, actor, sending, Offer(case=sending.case))
    if life.state == "appraised" and not sending.again:
        return Step(record, life.process, "0501", None)
    process = life.process or ""
    return Step(record, process, "0501", write_offer(engine, record, process, sending.folder, sending.head))


def transfer(engine: Engine, store: ContentStore | None, actor: Actor, sending: Sending) -> Step:
    """Transfer what the archive has appraised A, and write its 0503 with the primary files.

    The files are read from the content store and compared with their hashes before anything is recorded; raises
    `NotFound` where one is missing, `Corrupted` where one is not what was filed.
    """
    before = get_record(engine, actor, sending.record)
    life = before.life_of(sending.case or before.id)
    if life and not sending.again:
        check_files(store, list_files(before, get_transferable(before, life)))
    record, life = _act(engine, actor, sending, Transfer(case=sending.case))
    process = life.process or ""
    file = write_transfer(engine, store, record, process, sending.folder, sending.head)
    return Step(record, process, "0503", file)


def write_offer(engine: Engine, record: Record, process: str, folder: Path, head: Letterhead) -> Path:
    """Write the 0501 of a process as its package; the same for the same process, whenever it is written."""
    letter = _write_letter(engine, record, head, "record.offered", process)
    message = build_offer(record, process, letter)
    return write_package(folder, letter.header(process, "0501"), message, {})


def write_receipt(engine: Engine, record: Record, process: str, folder: Path, head: Letterhead) -> Path:
    """Write the 0505 of the archive's appraisal in a process; the same for the same process."""
    letter = _write_letter(engine, record, head, "record.appraised", process)
    header = letter.header(process, "0505")
    return write_package(folder, header, write_0505(header, version=head.version), {})


def write_transfer(
    engine: Engine, store: ContentStore | None, record: Record, process: str, folder: Path, head: Letterhead
) -> Path:
    """Write the 0503 of a process with its primary files; the same for the same process, whenever it is written."""
    letter = _write_letter(engine, record, head, "record.transferred", process)
    sent = {life.id for life in record.lives() if life.state == "transferred" and life.process == process}
    names = list_files(record, sent)
    files = check_files(store, names)
    media = {version.sha256: version.media_type for document in record.documents() for version in document.versions}
    formats = find_formats({names[name]: path for name, path in files.items()}, media)
    histories = {life: build_history(protocols) for life, protocols in _read_protocols(engine, record).items()}
    message = build_transfer(record, process, letter, Contents(formats, histories))
    return write_package(folder, letter.header(process, "0503"), message, files)


def _act(engine: Engine, actor: Actor, sending: Sending, command: Command) -> tuple[Record, Life]:
    """Do the action, unless it was done before; the record and the object that is meant."""
    sending.folder.mkdir(parents=True, exist_ok=True)  # fails before anything is recorded
    if sending.again:
        record = get_record(engine, actor, sending.record)
    else:
        record = engine.handle(command, actor, stream(sending.record)).state
    life = record.life_of(sending.case or record.id)
    if life is None:
        raise NotFound("case", str(sending.case))
    return record, life


def get_record(engine: Engine, actor: Actor, key: str) -> Record:
    record = engine.load(stream(key)).state
    if not isinstance(record, Record) or not record.known_to(actor):
        raise NotFound("record", key)
    return record


def list_slips_of_protocols(engine: Engine, record: Record) -> list[str]:
    """Routing slips whose whole route stands in the record, as it is sent in a transfer."""
    return [event["slip"] for event in _read_detached(engine, record)]


def _read_protocols(engine: Engine, record: Record) -> dict[str, list[str]]:
    """Record or case -> the route protocols filed to it."""
    found: dict[str, list[str]] = {}
    for event in _read_detached(engine, record):
        found.setdefault(event["object_id"], []).append(event["protocol"])
    return found


def _read_detached(engine: Engine, record: Record) -> Iterator[dict[str, str]]:
    for row in engine.log.read(stream(record.id)):
        if row.type == "record.slip_detached" and row.payload is not None:
            yield json.loads(row.payload)


def _write_letter(engine: Engine, record: Record, head: Letterhead, event: str, process: str) -> Letter:
    """Dated as the event in the log, so that a message written again is the same."""
    rows = [row for row in engine.log.read(stream(record.id)) if row.type == event and row.payload is not None]
    times = [row.time for row in rows if json.loads(str(row.payload))["process"] == process]
    created = datetime.fromisoformat(times[-1]) if times else engine.clock()
    plan = engine.find(plan_stream(record.authority), FilePlan)
    unit = plan.units.get(record.file_plan_code) if plan is not None else None
    return Letter(
        created,
        head.sender or record.authority,
        head.receiver,
        head.version,
        unit.title if unit else None,
        head.sender_code,
        head.receiver_code,
        head.receipt_wanted,
    )


def check_files(store: ContentStore | None, files: dict[str, str]) -> dict[str, Path]:
    """Name -> path of each file, read and compared with its hash."""
    if not files:
        return {}
    if store is None:
        raise NotFound("content store", "content")
    for digest in set(files.values()):
        store.read(digest)
    return {name: store.path(digest) for name, digest in files.items()}
