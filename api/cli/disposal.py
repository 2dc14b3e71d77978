"""`eva disposal`: records offered and transferred to an archive as xdomea packages, and what the archive answers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.application.disposal import LAV
from api.cli.scan.services import DEFAULT_DATA, Data
from api.cli.shared.database import Database, open_engine
from api.cli.shared.options import read_folder
from api.cli.shared.output import NO, in_language, say, say_json, stop
from api.cli.shared.people import parse_role
from workflow.engine.access import Protection, Role

if TYPE_CHECKING:
    from api.application.disposal.steps import Step
    from scanning.storage.content_store import ContentStore
    from workflow.disposal.xdomea.codes import Message as XdomeaMessage
    from workflow.engine.access import Actor
    from workflow.engine.engine import Engine

app = typer.Typer(
    no_args_is_help=True,
    help="Disposal with an archive: offer, appraise, transfer, confirm (xdomea 0501, 0502, 0503, 0506), receipts "
    "(0504, 0505, 0507), and the two folders between office and archive.\n\n"
    "Aussonderung: anbieten, bewerten, abgeben, Übernahme bestätigen, Empfang bestätigen, Austauschordner.",
)


RecordId = Annotated[str, typer.Argument(metavar="RECORD", help="Id of the record.")]
Case = Annotated[str | None, typer.Option(help="Id of one case; the record with its cases, if none is named.")]
Message = Annotated[Path, typer.Argument(metavar="FILE", help="The archive's message, as zip or XML.")]
Receipts = Annotated[
    Path | None,
    typer.Option(
        "--out", parser=read_folder, metavar="FOLDER", help="Where the receipt goes, if the archive asks for one."
    ),
]
Out = Annotated[Path, typer.Option(parser=read_folder, metavar="FOLDER", help="Where the package goes.")]
User = Annotated[str, typer.Option("--as", metavar="USER", help="Who does it; stands in the log.")]
Roles = Annotated[
    list[Role] | None,
    typer.Option(
        "--role",
        parser=parse_role,
        metavar="ROLE",
        help="Role of the user; may be given several times (default: the one that it takes).",
    ),
]
Authority = Annotated[str | None, typer.Option(help="The user's authority; all, if none is named.")]
Cleared = Annotated[Protection, typer.Option(help="Up to which protection need the user is cleared.")]
Sender = Annotated[str | None, typer.Option(help="The office's name in the message (default: the authority's id).")]
Archive = Annotated[str, typer.Option(help="The archive's name in the message.")]
Xdomea = Annotated[Literal["3.0.0", "3.1.0"], typer.Option("--version", help="Version of xdomea.")]
SenderCode = Annotated[str | None, typer.Option(help="The office's authority code (Behördenschlüssel), if agreed.")]
ArchiveCode = Annotated[str | None, typer.Option(help="The archive's authority code (Behördenschlüssel), if agreed.")]
Receipt = Annotated[bool, typer.Option("--receipt", help="Ask the archive to say that the message has arrived.")]
Again = Annotated[bool, typer.Option("--again", help="Only write the package of an earlier step once more.")]
Json = Annotated[bool, typer.Option("--json", help="What is recorded now, as JSON.")]


@app.command()
def offer(
    record: RecordId,
    out: Out,
    user: User,
    role: Roles = None,
    case: Case = None,
    authority: Authority = None,
    clearance: Cleared = Protection.NORMAL,
    sender: Sender = None,
    archive: Archive = LAV,
    version: Xdomea = "3.0.0",
    sender_code: SenderCode = None,
    archive_code: ArchiveCode = None,
    receipt: Receipt = False,
    again: Again = False,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Offer a record to the archive and write the offer (0501): metadata only.

    Eine aussonderungsreife E-Akte anbieten und das Anbieteverzeichnis (0501) schreiben.
    """
    from api.application.disposal import steps  # noqa: PLC0415 - not needed for --help

    head = steps.Letterhead(archive, sender, version, sender_code, archive_code, receipt)
    sending = steps.Sending(record, case, out, head, again)
    with _acting(database, user, role or [Role.REGISTRAR], authority, clearance) as (engine, actor):
        _report(steps.offer(engine, actor, sending), as_json)


@app.command()
def transfer(
    record: RecordId,
    out: Out,
    user: User,
    role: Roles = None,
    case: Case = None,
    authority: Authority = None,
    clearance: Cleared = Protection.NORMAL,
    sender: Sender = None,
    archive: Archive = LAV,
    version: Xdomea = "3.0.0",
    sender_code: SenderCode = None,
    archive_code: ArchiveCode = None,
    receipt: Receipt = False,
    again: Again = False,
    as_json: Json = False,
    data: Data = DEFAULT_DATA,
    database: Database = None,
) -> None:
    """Transfer what the archive has appraised A and write the package (0503) with the primary files.

    Archivwürdige Objekte abgeben: Aussonderungsnachricht (0503) mit den Primärdokumenten schreiben.
    """
    from api.application.disposal import steps  # noqa: PLC0415 - not needed for --help

    head = steps.Letterhead(archive, sender, version, sender_code, archive_code, receipt)
    sending = steps.Sending(record, case, out, head, again)
    with _acting(database, user, role or [Role.REGISTRAR], authority, clearance) as (engine, actor):
        _report(steps.transfer(engine, _open_store(data), actor, sending), as_json)


def _add_answer(name: str, only: "XdomeaMessage | None", description: str) -> None:
    @app.command(name, help=description)
    def take_in(
        file: Message,
        user: User,
        role: Roles = None,
        authority: Authority = None,
        clearance: Cleared = Protection.NORMAL,
        out: Receipts = None,
        as_json: Json = False,
        database: Database = None,
    ) -> None:
        from api.application.disposal.receive import receive  # noqa: PLC0415 - not needed for --help

        with _acting(database, user, role or [Role.ARCHIVIST], authority, clearance) as (engine, actor):
            _report(receive(engine, actor, file, out, only=only), as_json)


_add_answer(
    "appraise",
    "0502",
    "Record the archive's appraisal (0502): A, B or V for what was offered; what it does not name stays B.\n\n"
    "Das Bewertungsverzeichnis (0502) des Archivs übernehmen.",
)
_add_answer(
    "confirm",
    "0506",
    "Record what the archive has taken in (0506); only that may be deleted.\n\n"
    "Die Importbestätigung (0506) des Archivs übernehmen.",
)
_add_answer(
    "receive",
    None,
    "Record any message of the archive: 0502, 0506, or that an offer or a transfer has arrived (0504, 0507).\n\n"
    "Eine Nachricht des Archivs übernehmen, auch eine Empfangsbestätigung.",
)


@app.command()
def exchange(
    incoming: Annotated[
        Path,
        typer.Option(
            "--in", metavar="FOLDER", exists=True, file_okay=False, help="Where the archive's messages arrive."
        ),
    ],
    out: Out,
    user: User,
    role: Roles = None,
    authority: Authority = None,
    clearance: Cleared = Protection.NORMAL,
    sender: Sender = None,
    archive: Archive = LAV,
    version: Xdomea = "3.0.0",
    sender_code: SenderCode = None,
    archive_code: ArchiveCode = None,
    receipt: Receipt = False,
    watch: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", min=0.1, help="Look again after so many seconds, until stopped; once, if not given."
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
    database: Database = None,
) -> None:
    """Take in what has arrived from the archive, and write the packages of what was offered or transferred since.

    What was taken in goes to the folder `done` in --in, what was refused to `refused` with the reason beside it.
    Ends with status 1 where something was refused.

    Eingangsordner übernehmen, Ausgangsordner füllen.
    """
    from api.application.disposal import exchange as folders  # noqa: PLC0415 - not needed for --help
    from api.application.disposal.steps import Letterhead  # noqa: PLC0415

    head = Letterhead(archive, sender, version, sender_code, archive_code, receipt)
    refused = False
    with _acting(database, user, role or [Role.ARCHIVIST], authority, clearance) as (engine, actor):
        while True:
            for taken in folders.take_in(engine, actor, incoming, out):
                say(
                    f"{in_language('abgelehnt', 'refused') if taken.refused else '0505' if taken.receipt else 'ok'}: "
                    f"{taken.file}"
                )
                for reason in taken.refused:
                    say(f"  {in_language(*reason)}")
                refused = refused or bool(taken.refused)
            for package in folders.send(engine, _open_store(data), out, head):
                say(str(package))
            if watch is None:
                break
            time.sleep(watch)
    if refused:
        raise typer.Exit(NO)


def _open_store(data: Path) -> "ContentStore | None":
    """The store of the folder; None where there is none, which is no fault while no file is asked for."""
    from scanning.storage.content_store import ContentStore  # noqa: PLC0415 - not needed for --help

    return ContentStore(data / "content") if (data / "content").is_dir() else None


@contextmanager
def _acting(
    database: str | None, user: str, roles: list[Role], authority: str | None, clearance: Protection
) -> "Iterator[tuple[Engine, Actor]]":
    """The engine and the person; a refusal ends with status 1."""
    from workflow.engine.access import Actor  # noqa: PLC0415 - not needed for --help
    from workflow.engine.fields import is_name  # noqa: PLC0415
    from workflow.errors import Forbidden, NotAllowed  # noqa: PLC0415

    for option, name in (("--as", user), ("--authority", authority)):
        if name is not None and not is_name(name):
            told = in_language(
                f"{option} {name!r} ist kein Name; 1 bis 120 Zeichen ohne `:` und `/`",
                f"{option} {name!r} is no name; 1 to 120 characters without `:` and `/`",
            )
            stop(f"eva disposal: {told}")
    actor = Actor(user, frozenset(roles), authority, clearance)
    with open_engine(database) as engine:
        try:
            yield engine, actor
        except (NotAllowed, Forbidden) as no:
            stop(f"eva disposal: {in_language(no.de, str(no))}", NO)


def _report(step: "Step", as_json: bool) -> None:
    from workflow.records.machine import MACHINE  # noqa: PLC0415 - not needed for --help

    lives = list(step.record.lives())
    if as_json:
        fields = ("id", "number", "state", "decision", "archive_id")
        objects = [{name: getattr(life, name) for name in fields} for life in lives]
        shown = {"record": step.record.id, "process": step.process, "message": step.message,
                "file": str(step.file) if step.file else None,
                 "receipt": str(step.receipt) if step.receipt else None, "objects": objects}  # fmt: skip
        say_json(shown)
        return
    none = in_language("keine Nachricht nötig", "no message is needed")
    say(f"{step.message}: {step.file or none}")
    if step.receipt:
        say(in_language(f"  Empfangsbestätigung: {step.receipt}", f"  receipt: {step.receipt}"))
    for life in lives:
        state = in_language(MACHINE.states[life.state], life.state)
        say(f"  {state:<20} {life.decision or '-'}  {life.number}  {life.title}")
