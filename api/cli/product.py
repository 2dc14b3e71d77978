"""`eva product verify`, `fixity` and `backup`: stored files on demand; the server does the last two on a schedule."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.scan.services import DEFAULT_DATA, Data, open_services, sort_items
from api.cli.shared.database import Database
from api.cli.shared.options import read_decimal
from api.cli.shared.output import NO, in_language, language, say, say_json, stop

if TYPE_CHECKING:
    from api.server.background.maintenance import MaintenanceRun
    from scanning.batches.scan_batch import ScanItem
    from scanning.capture.services import ScanServices
    from scanning.capture.verification import Report

KINDS = ("changed", "missing", "untracked")
Wait = Annotated[
    float,
    typer.Option(
        parser=read_decimal(0, 86_400),
        metavar="SECONDS",
        help="Seconds to wait for another process that looks after the files, such as a server.",
    ),
]
MOST_WAIT = 60.0
"""The server's own maintenance begins with the server."""

app = typer.Typer(no_args_is_help=True, help="Sealed scan products: verify.\n\nGesiegelte Scanprodukte: prüfen.")


@app.command()
def verify(
    key: Annotated[str, typer.Argument(metavar="ID", help="SHA-256 of a product, or BATCH, or BATCH#NUMBER.")],
    data: Data = DEFAULT_DATA,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every check as JSON.")] = False,
) -> None:
    """Verify products end to end: hash, PDF/A, note, seal, place in the log; status 1 where one does not hold.

    Scanprodukte von Anfang bis Ende prüfen.
    """
    with open_services(data, database, 1, must_exist=True) as services:
        found = list(_find_products(services, key))
        if not found:
            told = in_language(f"das Produkt {key!r} gibt es nicht", f"there is no product {key!r}")
            stop(f"eva product verify: {told}")
        products = [(stream, item.product) for stream, item in found if item.product is not None]
        reports = [
            (item, report)
            for (_, item), report in zip(found, services.maintenance.verify_products(products), strict=True)
        ]
    if as_json:
        say_json([_as_json(item, report) for item, report in reports])
    else:
        for item, report in reports:
            say(f"{_mark(report.ok)} {report.sha256}  {in_language('Sendung', 'item')} {item.number}: {item.new.title}")
            for finding in report.findings:
                say(f"    {_mark(finding.ok)} {finding.name:<8}{finding.detail.get(language())}")
    if not all(report.ok for _, report in reports):
        raise typer.Exit(NO)


def _mark(ok: bool) -> str:
    return "ok " if ok else in_language("FEHL", "BAD")


def _as_json(item: "ScanItem", report: "Report") -> dict[str, object]:
    checks = [
        {"name": one.name, "ok": one.ok, "told": one.detail.en, "told_de": one.detail.de} for one in report.findings
    ]
    return {"sha256": report.sha256, "item": item.id, "ok": report.ok, "checks": checks}


def _find_products(services: "ScanServices", key: str) -> "Iterator[tuple[str, ScanItem]]":
    from scanning.batches.scan_batch import stream  # noqa: PLC0415 - not needed for --help
    from scanning.batches.sheet_count import read_batches  # noqa: PLC0415

    name, _, number = key.partition("#")
    for batch in read_batches(services.capture.engine):
        for item in sort_items(batch):
            by_batch = batch.id == name and number in {"", str(item.number), item.id}
            if item.product is not None and (by_batch or item.product.sha256 == key):
                yield stream(batch.id), item


@app.command()
def fixity(
    data: Data = DEFAULT_DATA,
    database: Database = None,
    wait: Wait = MOST_WAIT,
    as_json: Annotated[bool, typer.Option("--json", help="What was found as JSON.")] = False,
) -> None:
    """Read every stored file and compare it with the log; status 1 where one is changed or missing.

    Alle abgelegten Dateien lesen und mit dem Protokoll vergleichen.
    """
    with _open_maintenance(data, database, wait) as maintenance:
        found = maintenance.fixity()
    if as_json:
        say_json(found._asdict())
    else:
        for kind in KINDS:
            for name in getattr(found, kind):
                say(f"{kind:<9} {name}")
        say(" ".join(f"{kind}={len(getattr(found, kind))}" for kind in KINDS) + f" checked={found.checked}")
    if not found.intact:
        raise typer.Exit(NO)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of backups; used again each time.")],
    data: Data = DEFAULT_DATA,
    database: Database = None,
    wait: Wait = MOST_WAIT,
) -> None:
    """Copy log and files, read the copy back and record the run with each batch; status 1 where a file is damaged.

    Protokoll und Dateien sichern, die Kopie prüfen und den Lauf verbuchen.
    """
    with _open_maintenance(data, database, wait) as maintenance:
        run = maintenance.backup(target)
    say(f"{run.id} files={run.files} bytes={run.bytes} position={run.position}")


@app.command()
def quarantine(
    delete: Annotated[
        list[str] | None, typer.Option(metavar="SHA256", help="Delete this file for good; may be given several times.")
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="Files with their notes as JSON.")] = False,
) -> None:
    """List rejected files with name, reason and time, and the room that they take; delete those named.

    Abgewiesene Dateien auflisten oder löschen.
    """
    from scanning.storage.held_files import HeldFiles  # noqa: PLC0415 - not needed for --help
    from workflow.errors import NotFound  # noqa: PLC0415

    if not (data / "content").is_dir():
        told = in_language(f"in {data} liegt kein Speicher", f"there is no store in {data}")
        stop(f"eva product quarantine: {told}")
    held = HeldFiles(data / "content")
    for digest in delete or ():
        try:
            held.delete(digest)
        except NotFound as unknown:
            stop(f"eva product quarantine: {in_language(unknown.de, str(unknown))}")
    found = list(held.list_rejected())
    if as_json:
        say_json([one._asdict() for one in found])
        return
    for one in found:
        for note in one.notes:
            say(f"{one.sha256}  {one.size:>11}  {note['time']}  {note['reason']:<12} {note['name']}")
    for where in ("quarantine", "incoming"):
        usage = held.measure(where)
        say(f"{where}: files={usage.files} bytes={usage.bytes} most={held.most}")


@contextmanager
def _open_maintenance(data: Path, database: str | None, wait: float) -> "Iterator[MaintenanceRun]":
    """Maintenance of a folder while no other process maintains it; stops with one line where one goes on doing so."""
    from api.server.background.maintenance import MaintenanceRun  # noqa: PLC0415 - not needed for --help
    from api.server.jobs.lock import Busy, Lock  # noqa: PLC0415

    with open_services(data, database, 1, must_exist=True) as services:
        try:
            lock = Lock.wait(data / "care", wait)
        except Busy:
            told = in_language(
                "ein anderer Prozess pflegt diese Dateien gerade; bitte später noch einmal",
                "another process looks after these files just now; try again later",
            )
            stop(f"eva product: {told}")
        try:
            yield MaintenanceRun(services.capture.engine, data)
        finally:
            lock.release()
