"""`eva scan`, `eva product verify`, `eva separators`: real files into a scan batch, and out again verified."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, database_url
from api.cli.shared.output import NO, in_language, say, stop
from api.cli.shared.progress import show_progress
from workflow.engine.access import Protection

if TYPE_CHECKING:
    from scanning.batches.scan_batch import Batch, ScanItem
    from scanning.capture.bulk import Pile, Wrong
    from scanning.capture.services import ScanServices

product = typer.Typer(no_args_is_help=True, help="Sealed scan products: verify.\n\nGesiegelte Scanprodukte: prüfen.")
Data = Annotated[Path, typer.Option(envvar="EVA_DATA", help="Folder of stored files, test seal and settings.")]
DEFAULT_DATA = Path("eva-data")


def scan(
    files: Annotated[list[Path], typer.Argument(help="Files or folders: PDF, TIFF, JPEG, PNG.", metavar="FILE...")],
    batch: Annotated[str, typer.Option(help="Id of a batch, or `new`.")],
    operator: Annotated[str, typer.Option(help="Who scanned.")] = "scan-operator",
    inspector: Annotated[
        str | None, typer.Option(help="Who has looked at every page; without, items stay scanned.", show_default=False)
    ] = None,
    authority: Annotated[str, typer.Option(help="Whose mail it is.")] = "behoerde",
    centre: Annotated[str, typer.Option(help="Scan centre.")] = "scanstelle",
    unit: Annotated[str, typer.Option(help="To whose mail folder it goes.")] = "poststelle",
    title: Annotated[str, typer.Option(help="Title of a new batch.")] = "Posteingang",
    protection: Annotated[Protection, typer.Option(help="Protection need of a new batch.")] = Protection.NORMAL,
    environment: Annotated[str, typer.Option(help="Scanner and software, for the note.")] = "Scanner nicht angegeben",
    duplex: Annotated[bool, typer.Option("--duplex", help="Two pages a sheet.")] = False,
    sheets: Annotated[int | None, typer.Option(min=1, help="Sheets as counted by hand.", show_default=False)] = None,
    items: Annotated[int | None, typer.Option(min=1, help="Items as counted by hand.", show_default=False)] = None,
    readers: Annotated[int, typer.Option(min=1, max=64, help="Files read at a time.")] = 1,
    data: Data = DEFAULT_DATA,
    database: Database = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The batch as JSON.")] = False,
) -> None:
    """Check, cut, store, note, seal and deliver scanned files; all of them, or none is recorded.

    Gescannte Dateien prüfen, trennen, ablegen, mit Vermerk und Siegel versehen und zustellen.
    """
    from scanning.capture import bulk  # noqa: PLC0415 - not needed for --help
    from workflow.engine.access import Actor, Role  # noqa: PLC0415

    found = _found(files)
    if inspector == operator and protection is Protection.VERY_HIGH:
        stop("eva scan: --inspector: at very high need somebody else has to look (TR-03138 A.AM.IN.SH.1)")
    people = bulk.People(
        Actor(operator, frozenset({Role.SCAN_OPERATOR}), authority, Protection.VERY_HIGH),
        Actor(inspector, frozenset({Role.SCAN_INSPECTOR}), authority, Protection.VERY_HIGH) if inspector else None,
    )
    with opened_services(data, database, readers) as services:
        known = None if batch == "new" else batch
        if known is not None:
            bulk.waiting_items(services.capture, f"scan-batch:{known}")  # fails before any file is read
        with show_progress(len(found), in_language("prüfen", "check"), quiet=quiet) as advance:
            pile = bulk.open_pile(services.capture, found, lambda _, done: advance(done, ""))
        _refuse(pile, known, items, services)
        with show_progress(len(pile.scans), in_language("verbuchen", "enter"), quiet=quiet) as advance:
            stream, wrong = bulk.enter(
                services.capture, pile, people, known, lambda _, done: advance(done, ""), centre=centre,
                unit=unit, title=title, protection=protection, duplex=duplex, environment=environment, sheets=sheets,
                envelopes=items,
            )  # fmt: skip
        _tell(services, stream, pile, wrong, as_json)


def separators(
    number: Annotated[int, typer.Argument(min=1, max=10_000, help="How many.")],
    batch: Annotated[str, typer.Option(help="What the sheets say, such as a batch's id.")],
    out: Annotated[Path, typer.Option(help="PDF to print on both sides.")],
) -> None:
    """Write numbered separator sheets to print, one for each item of a batch.

    Nummerierte Trennblätter zum Drucken ausgeben.
    """
    from scanning.separators.sheet import label, print_sheets  # noqa: PLC0415 - not needed for --help

    if not batch.strip() or not batch.isprintable() or not batch.isascii():
        stop("eva separators: --batch: printable ASCII is expected")
    if not out.parent.is_dir():
        stop(f"eva separators: there is no folder {out.parent}")
    out.write_bytes(print_sheets([label(batch, n, number) for n in range(1, number + 1)]))


@product.command()
def verify(
    key: Annotated[str, typer.Argument(metavar="ID", help="SHA-256 of a product, or BATCH, or BATCH#NUMBER.")],
    data: Data = DEFAULT_DATA,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every check as JSON.")] = False,
) -> None:
    """Verify products end to end: hash, PDF/A, note, seal, place in the log; status 1 where one does not hold.

    Scanprodukte von Anfang bis Ende prüfen.
    """
    from workflow.engine.access import SYSTEM  # noqa: PLC0415 - not needed for --help

    with opened_services(data, database, 1, must_exist=True) as services:
        found = list(_products(services, key))
        if not found:
            stop(f"eva product verify: there is no product {key!r}")
        reports = [(item, services.maintenance.verify(stream, item.id, SYSTEM)) for stream, item in found]
    if as_json:
        told = [
            {
                "sha256": report.sha256,
                "item": item.id,
                "ok": report.ok,
                "checks": [f._asdict() for f in report.findings],
            }
            for item, report in reports
        ]
        say(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for item, report in reports:
            say(f"{'ok ' if report.ok else 'BAD'} {report.sha256}  item {item.number}: {item.new.title}")
            for finding in report.findings:
                say(f"    {'ok ' if finding.ok else 'BAD'} {finding.name:<8}{finding.told}")
    if not all(report.ok for _, report in reports):
        raise typer.Exit(NO)


def _found(files: list[Path]) -> list[Path]:
    """Files in order, folders opened; a fault a line where there are none."""
    faults, found = [], []
    for path in files:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            found += inside
            faults += [] if inside else [f"{path}: the folder has no files; PDF, TIFF, JPEG or PNG are expected"]
        elif path.is_file():
            found.append(path)
        else:
            faults.append(f"{path}: there is no such file; PDF, TIFF, JPEG or PNG are expected")
    if faults:
        stop("\n".join(faults))
    return found


def _refuse(pile: "Pile", batch: str | None, items: int | None, services: "ScanServices") -> None:
    """Stop, before anything is recorded, where a file was refused or the counts do not agree."""
    from scanning.capture.bulk import waiting_items  # noqa: PLC0415 - not needed for --help
    from scanning.rejection import Refused  # noqa: PLC0415

    faults = []
    for name, why in pile.wrong:
        kept = why.sha256 if isinstance(why, Refused) else None
        told = in_language(f"{why.de}; in Quarantäne als {kept}", f"{why}; kept in quarantine as {kept}")
        faults.append(f"{name}: {told}")
    for file, number in pile.missing:
        if number:
            told = in_language(f"Trennblatt {number} wurde nicht gefunden; bitte neu scannen",
                         f"separator sheet {number} was not found; scan it again")  # fmt: skip
        else:
            told = in_language("Seiten vor dem ersten Trennblatt; es fehlt eines",
                         "pages before the first separator sheet; one is missing")  # fmt: skip
        faults.append(f"{file}: {told}")
    expected = items if batch is None else len(waiting_items(services.capture, f"scan-batch:{batch}"))
    if expected is not None and expected != len(pile.scans) and not faults:
        faults.append(in_language(f"eva scan: {len(pile.scans)} Sendungen gefunden; {expected} werden erwartet",
                            f"eva scan: {len(pile.scans)} items found; {expected} are expected"))  # fmt: skip
    if faults:
        stop("\n".join(faults))


def _tell(services: "ScanServices", stream: str, pile: "Pile", wrong: "list[Wrong]", as_json: bool) -> None:
    from scanning.batches.scan_batch import STATES  # noqa: PLC0415
    from scanning.capture.asking import batch_of  # noqa: PLC0415 - not needed for --help

    batch = batch_of(services.capture.engine, stream)
    if as_json:
        say(json.dumps(_as_json(batch, pile), ensure_ascii=False, indent=2))
    else:
        items, pages, sheets = len(batch.items), pile.pages, pile.separator_sheets
        say(in_language(f"Stapel {batch.id}: {items} Sendungen, {pages} Seiten, {sheets} Trennblätter",
                         f"batch {batch.id}: {items} items, {pages} pages, {sheets} separator sheets"))  # fmt: skip
        for item in _in_order(batch):
            made = item.product.sha256 if item.product else "-"
            say(f"  {item.number:>4}  {in_language(STATES[item.state], item.state):<12} {made}  {item.new.title}")
    if wrong:
        stop("\n".join(f"{name}: {in_language(why.de, str(why))}" for name, why in wrong), NO)


def _as_json(batch: "Batch", pile: "Pile") -> dict[str, object]:
    items = [
        {"id": item.id, "number": item.number, "state": item.state, "title": item.new.title, "sheets": item.sheets,
         "product": item.product.sha256 if item.product else None,
         "findings": list(item.scan.raw.findings) if item.scan else []}
        for item in _in_order(batch)
    ]  # fmt: skip
    counts = {"pages": pile.pages, "separator_sheets": pile.separator_sheets}
    return {"batch": batch.id, "state": batch.state, **counts, "items": items}


def _in_order(batch: "Batch") -> "list[ScanItem]":
    return sorted(batch.items.values(), key=lambda item: item.number)


def _products(services: "ScanServices", key: str) -> "Iterator[tuple[str, ScanItem]]":
    name, _, number = key.partition("#")
    for stream, batch in services.maintenance.batches():
        for item in _in_order(batch):
            by_batch = batch.id == name and number in {"", str(item.number), item.id}
            if item.product is not None and (by_batch or item.product.sha256 == key):
                yield stream, item


@contextmanager
def opened_services(
    data: Path, database: str | None, readers: int, must_exist: bool = False
) -> "Iterator[ScanServices]":
    """A scan room on the database; what goes wrong is told in one line with exit status 2."""
    from api.application.catalogue import ALL  # noqa: PLC0415 - not needed for --help
    from scanning.capture.services import ScanServices  # noqa: PLC0415
    from workflow.engine.engine import Engine  # noqa: PLC0415
    from workflow.errors import Corrupted, EvaError  # noqa: PLC0415

    url = database_url(database)
    file = Path(url.partition("sqlite:///")[2].partition("?")[0]) if url.startswith("sqlite:///") else None
    if must_exist and file is not None and not file.is_file():
        stop(f"eva: there is no database {file}")
    if must_exist and not data.is_dir():
        stop(f"eva: there is no folder {data}")
    try:
        engine = Engine(url, catalogue=ALL)
    except EvaError as wrong:
        stop(f"eva: {' '.join(str(wrong).split())}")
    try:
        with ScanServices(engine, data, readers=readers) as services:
            yield services
    except Corrupted as wrong:
        stop(f"eva: {wrong}", NO)
    except EvaError as wrong:
        stop(f"eva: {' '.join(str(wrong).split())}")
    finally:
        engine.close()
