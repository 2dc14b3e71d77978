"""What the commands on scanned files share: the data folder, its services, who acts, which items."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import open_engine
from api.cli.shared.output import in_language, stop
from workflow.engine.access import Actor, Protection, Role

if TYPE_CHECKING:
    from scanning.batches.scan_batch import Batch, ScanItem
    from scanning.capture.services import ScanServices
    from scanning.requirements.terms import ScanRules

Data = Annotated[Path, typer.Option(envvar="EVA_DATA", help="Folder of stored files, test seal and settings.")]
DEFAULT_DATA = Path("eva-data")
Authority = Annotated[str, typer.Option(help="Whose mail it is.")]
DEFAULT_AUTHORITY = "behoerde"
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]


@contextmanager
def open_services(data: Path, database: str | None, readers: int, must_exist: bool = False) -> "Iterator[ScanServices]":
    """Services for the files of a database; stops with one line where it or the folder cannot be used."""
    from scanning.capture.services import ScanServices  # noqa: PLC0415 - not needed for --help

    with open_engine(database, must_exist, rules=_read_rules()) as engine:
        if must_exist and not data.is_dir():
            stop(in_language(f"eva: den Ordner {data} gibt es nicht", f"eva: there is no folder {data}"))
        with ScanServices(engine, data, readers=readers) as services:
            yield services


def _read_rules() -> "ScanRules":
    """The house rules of the environment, as the server has them."""
    from api.settings import from_environment  # noqa: PLC0415 - not needed for --help
    from scanning.requirements.terms import ScanRules  # noqa: PLC0415
    from workflow.errors import InvalidCommand  # noqa: PLC0415

    try:
        return ScanRules(test_seals_count=from_environment(os.environ).test_seals_count)
    except InvalidCommand as wrong:
        stop("\n".join(f"{name}: {in_language(*what)}" for name, what in wrong.texts))


def make_actor(user: str, role: Role, authority: str) -> Actor:
    """A person at the command line, who answers for the clearance."""
    return Actor(user, frozenset({role}), authority, Protection.VERY_HIGH)


def sort_items(batch: "Batch") -> "list[ScanItem]":
    return sorted(batch.items.values(), key=lambda item: item.number)
