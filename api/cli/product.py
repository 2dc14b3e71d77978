"""`eva product fixity` and `eva product backup`: care of stored files on demand; the server does both on a schedule."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.scan import DEFAULT_DATA, Data, opened_services
from api.cli.shared.database import Database
from api.cli.shared.output import NO, say, stop

if TYPE_CHECKING:
    from api.server.background.maintenance import MaintenanceRun

KINDS = ("changed", "missing", "untracked")


def register(product: typer.Typer) -> None:
    """Add the commands to `eva product`."""
    product.command()(fixity)
    product.command()(backup)


def fixity(
    data: Data = DEFAULT_DATA,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was found as JSON.")] = False,
) -> None:
    """Read every stored file and compare it with the log; status 1 where one is changed or missing.

    Alle abgelegten Dateien lesen und mit dem Protokoll vergleichen.
    """
    with _maintenance_run(data, database) as caring:
        found = caring.fixity()
    if as_json:
        say(json.dumps(found._asdict(), indent=2))
    else:
        for kind in KINDS:
            for name in getattr(found, kind):
                say(f"{kind:<9} {name}")
        say(" ".join(f"{kind}={len(getattr(found, kind))}" for kind in KINDS) + f" checked={found.checked}")
    if not found.intact:
        raise typer.Exit(NO)


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of backups; used again each time.")],
    data: Data = DEFAULT_DATA,
    database: Database = None,
) -> None:
    """Copy log and files, read the copy back and record the run with each batch; status 1 where a file will not do.

    Protokoll und Dateien sichern, die Kopie prüfen und den Lauf verbuchen.
    """
    with _maintenance_run(data, database) as caring:
        run = caring.backup(target)
    say(f"{run.id} files={run.files} bytes={run.bytes} position={run.position}")


@contextmanager
def _maintenance_run(data: Path, database: str | None) -> "Iterator[MaintenanceRun]":
    """Care of a folder that nobody else looks after just now."""
    from api.server.background.maintenance import MaintenanceRun  # noqa: PLC0415 - not needed for --help
    from api.server.jobs.process import Busy, Lock  # noqa: PLC0415

    with opened_services(data, database, 1, must_exist=True) as services:
        try:
            lock = Lock(data / "care")
        except Busy:
            stop("eva product: another process looks after these files just now; try again later")
        try:
            yield MaintenanceRun(services.capture.engine, data)
        finally:
            lock.release()
