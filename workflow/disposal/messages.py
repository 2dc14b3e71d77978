"""Between a record and the archive: a record's objects as xdomea messages, and the archive's messages as commands.

0501 Anbieteverzeichnis and 0503 Aussonderung go out, 0502 Bewertungsverzeichnis and 0506 AussonderungImportBestaetigen
come in (rule 11: 0503 contains exactly the appraised objects, no missing, no surplus).
"""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.disposal.formats import Format, find_format
from workflow.disposal.xdomea.codes import Message
from workflow.disposal.xdomea.codes import Version as Schema
from workflow.disposal.xdomea.model import (
    Appraisal,
    Confirmation,
    DisposalCase,
    DisposalDocument,
    DisposalRecord,
    DocumentVersion,
    Header,
    HistoryEntry,
    ImportResult,
    PrimaryFile,
    Receipt,
)
from workflow.disposal.xdomea.writing import write_0501, write_0503
from workflow.engine.fields import line
from workflow.errors import InvalidCommand, NotAllowed
from workflow.file_plan.retention import Disposal
from workflow.records.disposal_actions import AcknowledgeReceipt, Appraise, ArchiveResult, Confirm
from workflow.records.files import Version
from workflow.records.machine import MACHINE
from workflow.records.record import Document, Life, Record
from workflow.text import Text

NO_REASON = "ohne Angabe"
NOT_IN_NAMES = re.compile(r"[/\\:*?\"<>|\x00-\x1f\x7f]|[. ]+$")


@dataclass(frozen=True)
class Letter:
    """What a message to the archive says besides its objects."""

    created: datetime
    sender: str
    receiver: str
    version: Schema = "3.0.0"
    unit_title: str | None = None
    """Title of the file plan unit, where a plan was imported."""
    sender_code: str | None = None
    """Behördenschlüssel, where the two sides have agreed on one."""
    receiver_code: str | None = None
    receipt_wanted: bool = False

    def header(self, process: str, message: Message) -> Header:
        return Header(
            process,
            message,
            self.created,
            self.sender,
            self.receiver,
            receipt_wanted=self.receipt_wanted,
            sender_code=self.sender_code,
            receiver_code=self.receiver_code,
        )


@dataclass(frozen=True)
class Contents:
    """What a transfer says of a record beyond its state."""

    formats: Mapping[str, Format] = field(default_factory=dict)
    """SHA-256 of a file -> what it is, found by looking into it; by its media type where nobody looked."""
    histories: Mapping[str, tuple[HistoryEntry, ...]] = field(default_factory=dict)
    """Record or case -> its route protocols."""


def build_offer(record: Record, process: str, letter: Letter) -> bytes:
    """The 0501 of all that was offered in a process: metadata only."""
    objects = _build_objects(record, _get_ids(record, process, "offered", "offer"), letter.unit_title)
    return write_0501(letter.header(process, "0501"), objects, version=letter.version)


def build_transfer(record: Record, process: str, letter: Letter, contents: Contents | None = None) -> bytes:
    """The 0503 of exactly what was transferred in a process, with documents and the names of their files."""
    ids = _get_ids(record, process, "transferred", "transfer")
    objects = _build_objects(record, ids, letter.unit_title, contents or Contents())
    return write_0503(letter.header(process, "0503"), objects, version=letter.version)


NOT_OFFERED = Text("wurde in diesem Verfahren nicht angeboten", "was not offered in this process")
NOT_TRANSFERRED = Text("wurde in diesem Verfahren nicht abgegeben", "was not transferred in this process")
DOCUMENTS_ONLY = Text(
    "die Nachricht nennt nur Dokumente, keine Akte und keinen Vorgang des Verfahrens",
    "the message names documents only, and no record or case of the process",
)


def build_appraise(appraisal: Appraisal, record: Record) -> Appraise:
    """The command of a 0502; `InvalidCommand` names the ids that were not offered in its process.

    A document shares the appraisal of its case (domain notes, section 4). An archive may name it as well, but not keep
    it while its case is destroyed.
    """
    process = appraisal.header.process
    offered = _get_ids(record, process, "offered", "appraise")
    homes = _get_homes(record)
    decisions = {key: Disposal(found) for key, found in appraisal.decisions.items() if key in offered}
    faults = _list_strangers(appraisal.decisions, offered, homes, NOT_OFFERED)
    faults += [
        (f"/message/{key}", _contradict(found, homes[key]))
        for key, found in appraisal.decisions.items()
        if found != "V" and decisions.get(homes.get(key, "")) is Disposal.DESTROY
    ]
    _refuse(faults, decisions)
    return Appraise(case=_get_target(record, decisions), process=process, decisions=decisions)


def build_confirm(confirmation: Confirmation, record: Record) -> Confirm:
    """The command of a 0506; `InvalidCommand` names the ids that were not transferred in its process.

    A case of which a document could not be taken in was not taken in: it must not be deleted (rule 11).
    """
    process = confirmation.header.process
    transferred = _get_ids(record, process, "transferred", "confirm")
    homes = _get_homes(record)
    found = {result.id: result for result in confirmation.results}
    faults = _list_strangers(found, transferred, homes, NOT_TRANSFERRED)
    results = {key: _build_result(result) for key, result in found.items() if key in transferred}
    for key, result in found.items():
        if not result.success and homes.get(key) in transferred:
            error = f"Dokument {key}: {result.error or NO_REASON}"
            results[homes[key]] = ArchiveResult(success=False, error=line(error))
    _refuse(faults, results)
    return Confirm(case=_get_target(record, results), process=process, results=results)


def build_receipt(receipt: Receipt, record: Record) -> AcknowledgeReceipt:
    """The command of a 0504 or 0507; `InvalidCommand` where no such message is awaited of an archive."""
    process = receipt.header.process
    mine = [life.id for life in record.lives() if life.process == process]
    if receipt.confirms not in {"0501", "0503"} or not mine:
        says = Text("Zu diesem Vorgang wurde nichts gesendet", "nothing of this process was sent")
        raise InvalidCommand([(f"/message/{process}", says)])
    return AcknowledgeReceipt(case=_get_target(record, mine), process=process, message=receipt.confirms)


def get_transferable(record: Record, life: Life) -> set[str]:
    """Ids of what a transfer of the record or case would take along: all that its process has appraised A."""
    lives = (other for other in record.lives() if other.state == "appraised" and other.process == life.process)
    return {other.id for other in lives if other.decision is Disposal.ARCHIVE}


def list_files(record: Record, ids: Collection[str]) -> dict[str, str]:
    """Name in the 0503 -> SHA-256 of every primary file of these objects."""
    documents = [document for key, case in record.cases.items() if key in ids for document in case.documents.values()]
    return {_name_file(d, version): version.sha256 for d in documents for version in d.versions}


def _get_ids(record: Record, process: str, state: str, action: str) -> set[str]:
    """Ids of what is in a state within a process; `NotAllowed` where that is nothing."""
    found = {life.id for life in record.lives() if life.state == state and life.process == process}
    if not found:
        en = f"nothing of this record is {state} in process {process}"
        de = f"In Verfahren {process} ist nichts aus dieser Akte {MACHINE.states[state]}"
        raise NotAllowed(MACHINE.name, record.state, action, (), en, de)
    return found


def _get_homes(record: Record) -> dict[str, str]:
    """Document -> case."""
    return {document: key for key, case in record.cases.items() for document in case.documents}


def _list_strangers(
    named: Iterable[str], known: set[str], homes: Mapping[str, str], wrong: Text
) -> list[tuple[str, Text]]:
    """Faults for what is neither known itself nor a document of something known."""
    return [(f"/message/{key}", wrong) for key in named if key not in known and homes.get(key) not in known]


def _contradict(found: str, case: str) -> Text:
    return Text(
        f"das Dokument ist mit {found} bewertet, sein Vorgang {case} mit V",
        f"the document is appraised {found}, its case {case} V",
    )


def _refuse(faults: list[tuple[str, Text]], about: Collection[str]) -> None:
    """Stop where there are faults, or where documents alone are named: silence decides nothing (rule 8)."""
    if not faults and not about:
        faults = [("/message", DOCUMENTS_ONLY)]
    if faults:
        raise InvalidCommand(faults)


def _build_result(result: ImportResult) -> ArchiveResult:
    error = None if result.success else line(result.error or NO_REASON)
    archive_id = line(result.archive_id) if result.archive_id and result.archive_id.strip() else None
    return ArchiveResult(success=result.success, archive_id=archive_id, error=error)


def _get_target(record: Record, named: Iterable[str]) -> str | None:
    """The case to act on; None for the record, where it is named."""
    ids = sorted(named)
    return None if record.id in ids else ids[0]


def _build_objects(
    record: Record, ids: set[str], unit_title: str | None, contents: Contents = Contents()
) -> list[DisposalRecord | DisposalCase]:
    """The record with its cases, or, where it is not part of the process itself, its cases alone (Aktenschnitt)."""
    cases = tuple(
        DisposalCase(
            **_build_common(record, case.life, unit_title, contents),
            record_title=record.life.title or None,
            documents=tuple(_build_document(document, contents) for document in case.documents.values()),
        )
        for key, case in record.cases.items()
        if key in ids
    )
    if record.id not in ids:
        return list(cases)
    return [DisposalRecord(**_build_common(record, record.life, unit_title, contents), cases=cases)]


def _build_common(record: Record, life: Life, unit_title: str | None, contents: Contents) -> dict[str, Any]:
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
        "lead": record.lead,
        "authority": record.keeper or record.authority,
        "medium": record.medium.value,
        "file_plan_code": record.file_plan_code,
        "file_plan_title": unit_title or record.file_plan_code,
        "history": contents.histories.get(life.id, ()),
    }


def _build_document(document: Document, contents: Contents) -> DisposalDocument:
    return DisposalDocument(
        id=document.id,
        number=document.number,
        title=document.title,
        date_of_creation=document.versions[0].at.date(),
        versions=tuple(
            DocumentVersion(str(version.number), (_build_file(document, version, contents),))
            for version in document.versions
        ),
    )


def _build_file(document: Document, version: Version, contents: Contents) -> PrimaryFile:
    found = contents.formats.get(version.sha256) or find_format(version.media_type)
    return PrimaryFile(
        name=_name_file(document, version),
        original_name=version.file_name,
        author=version.author,
        format_code=found.code,
        sha256=version.sha256,
        format_name=found.name,
        format_version=found.version,
    )


def _name_file(document: Document, version: Version) -> str:
    """By a UUID that is the same in every message, and the name it was filed under, as far as every system takes it."""
    key = uuid.uuid5(uuid.UUID(document.id), f"version/{version.number}")
    return f"{key}_{NOT_IN_NAMES.sub('_', version.file_name)}"
