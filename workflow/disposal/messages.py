"""Between a record and the archive: a record's objects as xdomea messages, and the archive's messages as commands.

0501 Anbieteverzeichnis and 0503 Aussonderung go out, 0502 Bewertungsverzeichnis and 0506 AussonderungImportBestaetigen
come in (rule 11: 0503 contains exactly the appraised objects, no missing, no surplus).
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from workflow.disposal import xdomea
from workflow.errors import InvalidCommand
from workflow.records.commands import Appraise, Confirm, Result
from workflow.records.events import Version
from workflow.records.record import Document, Life, Record
from workflow.records.retention import Disposal

M = TypeVar("M")
FORMATS = {"application/pdf": "018", "image/png": "019", "image/tiff": "024", "image/jpeg": "010"}
"""Media type -> code of the xdomea list Dateiformat ; others go by name."""


def offer_message(record: Record, process: str, created: datetime, sender: str, receiver: str) -> bytes:
    """The 0501 of all that was offered in a process: metadata only."""
    header = xdomea.Header(process, "0501", created, sender, receiver)
    return xdomea.write_0501(header, _objects(record, _in(record, process, "offered")))


def transfer_message(record: Record, process: str, created: datetime, sender: str, receiver: str) -> bytes:
    """The 0503 of exactly what was transferred in a process, with documents and the names of their files."""
    header = xdomea.Header(process, "0503", created, sender, receiver)
    return xdomea.write_0503(header, _objects(record, _in(record, process, "transferred")))


def appraise_command(message: bytes, record: Record) -> Appraise:
    """The command of a 0502; `InvalidCommand` where it speaks of anything that was not offered in its process."""
    read = _readable(xdomea.read_0502, message)
    process = read.header.process
    _only_known(read.decisions, _in(record, process, "offered"), "was not offered in this process")
    decisions = {key: Disposal(decision) for key, decision in read.decisions.items()}
    return Appraise(case=_target(record, decisions), process=process, decisions=decisions)


def confirm_command(message: bytes, record: Record) -> Confirm:
    """The command of a 0506; `InvalidCommand` where it speaks of anything that was not transferred in its process."""
    read = _readable(xdomea.read_0506, message)
    process = read.header.process
    _only_known(
        (r.id for r in read.results), _in(record, process, "transferred"), "was not transferred in this process"
    )
    results = {
        r.id: Result(success=r.success, archive_id=r.archive_id, error=None if r.success else r.error or "ohne Angabe")
        for r in read.results
    }
    return Confirm(case=_target(record, results), process=process, results=results)


def _readable(read: Callable[[bytes], M], message: bytes) -> M:
    try:
        return read(message)
    except xdomea.UnreadableMessage as wrong:
        raise InvalidCommand([("/message", str(wrong))]) from wrong


def _in(record: Record, process: str, state: str) -> set[str]:
    """Ids of what is in a state within a process; nothing is no message."""
    found = {life.id for life in record.lives() if life.state == state and life.process == process}
    if not found:
        raise InvalidCommand([("/process", f"nothing of this record is {state} in process {process}")])
    return found


def _only_known(named: Iterable[str], known: set[str], wrong: str) -> None:
    faults = [(f"/message/{key}", wrong) for key in named if key not in known]
    if faults:
        raise InvalidCommand(faults)


def _target(record: Record, named: Iterable[str]) -> str | None:
    """The object to ask: the record where it is among them, else one of its cases."""
    ids = sorted(named)
    return None if record.id in ids or not ids else ids[0]


def _objects(record: Record, ids: set[str]) -> list[xdomea.DisposalRecord | xdomea.DisposalCase]:
    """The record with its cases, or, where it is not part of the process itself, its cases alone (Aktenschnitt)."""
    cases = tuple(
        xdomea.DisposalCase(**_common(record, case.life), documents=tuple(map(_document, case.documents.values())))
        for key, case in record.cases.items()
        if key in ids
    )
    if record.id not in ids:
        return list(cases)
    whole = xdomea.DisposalRecord(
        **_common(record, record.life),
        file_plan_code=record.file_plan_code,
        file_plan_title=record.file_plan_code,
        authority=record.authority,
        cases=cases,
    )
    return [whole]


def _common(record: Record, life: Life) -> dict[str, Any]:
    """What record and case have in common."""
    decided = life.decision or life.retention.disposal
    return {
        "id": life.id,
        "number": life.number,
        "title": life.title or life.number,
        "started": life.created_on,
        "ended": life.closed_on,
        "retention_years": life.retention.years,
        "disposal": decided.value,
        "retention_end": life.retention_end,
        "proposal": life.proposal.value if life.proposal in {Disposal.ARCHIVE, Disposal.DESTROY} else None,
        "archive_id": life.archive_id,
        "confidentiality": record.confidentiality.value,
    }


def _document(document: Document) -> xdomea.DisposalDocument:
    return xdomea.DisposalDocument(
        id=document.id,
        number=document.number,
        title=document.title,
        date_of_creation=document.versions[0].at.date(),
        versions=tuple(
            xdomea.DocumentVersion(str(version.number), (_file(document, version),)) for version in document.versions
        ),
    )


def _file(document: Document, version: Version) -> xdomea.PrimaryFile:
    """Named by a UUID that is the same in every message."""
    key = uuid.uuid5(uuid.UUID(document.id), f"version/{version.number}")
    code = FORMATS.get(version.media_type, xdomea.OTHER_FORMAT)
    return xdomea.PrimaryFile(
        name=f"{key}_{version.file_name.replace('/', '_')}",
        original_name=version.file_name,
        author=version.author,
        format_code=code,
        sha256=version.sha256,
        format_name=version.media_type if code == xdomea.OTHER_FORMAT else None,
    )
