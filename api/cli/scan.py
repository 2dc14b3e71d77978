"""`eva scan`, `eva scan counts`, `eva separators`: scanned files into a batch, and whether its sheets add up."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.default_command import create_group
from api.cli.shared.output import NO, in_language, say, say_json, stop, stop_at
from api.cli.shared.progress import show_progress
from workflow.engine.access import Protection

if TYPE_CHECKING:
    from scanning.batches.scan_batch import Batch, ScanItem
    from scanning.batches.sheet_count import Mismatch, SheetCount
    from scanning.capture.bulk import CheckedFiles, Failure
    from scanning.capture.services import ScanServices

Data = Annotated[Path, typer.Option(envvar="EVA_DATA", help="Folder of stored files, test seal and settings.")]
DEFAULT_DATA = Path("eva-data")


app = typer.Typer(cls=create_group("files"), help="Take in scanned files; count sheets; print separators; verify.")


@app.command("files")
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

    found = _list_files(files)
    if inspector == operator and protection is Protection.VERY_HIGH:
        stop("eva scan: --inspector: at very high need somebody else has to look (TR-03138 A.AM.IN.SH.1)")
    people = bulk.People(
        Actor(operator, frozenset({Role.SCAN_OPERATOR}), authority, Protection.VERY_HIGH),
        Actor(inspector, frozenset({Role.SCAN_INSPECTOR}), authority, Protection.VERY_HIGH) if inspector else None,
    )
    with open_services(data, database, readers) as services:
        known = None if batch == "new" else batch
        if known is not None:  # an unknown batch is an error before any file is read
            bulk.list_waiting_items(services.capture, f"scan-batch:{known}")
        with show_progress(len(found), in_language("prüfen", "check"), quiet=quiet) as advance:
            checked = bulk.check_files(services.capture, found, lambda done: advance(done, ""))
        _stop_at_faults(checked, known, items, services)
        with show_progress(len(checked.scans), in_language("verbuchen", "record"), quiet=quiet) as advance:
            stream, failures = bulk.record_files(
                services.capture, checked, people, known, lambda done: advance(done, ""), centre=centre, unit=unit,
                title=title, protection=protection, duplex=duplex, environment=environment, sheets=sheets,
                envelopes=items,
            )  # fmt: skip
        _print_batch(services, stream, checked, failures, as_json)


@app.command()
def counts(
    batch: Annotated[str | None, typer.Option(metavar="ID", help="Of this batch only.", show_default=False)] = None,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Counts and mismatches as JSON.")] = False,
) -> None:
    """Count sheets by batch, centre and day: in = out + excluded + under way; status 1 where counts do not agree.

    Blätter zählen, je Stapel, Scanstelle und Tag.
    """
    from scanning.batches.sheet_count import find_mismatches, read_batches  # noqa: PLC0415 - not needed for --help
    from scanning.capture.item_access import load_batch  # noqa: PLC0415

    with open_engine(database) as engine:
        found = list(read_batches(engine)) if batch is None else [load_batch(engine, f"scan-batch:{batch}")]
    mismatches = [mismatch for one in found for mismatch in find_mismatches(one)]
    (_print_counts_as_json if as_json else _print_counts)(found, mismatches)
    if mismatches:
        raise typer.Exit(NO)


def separators(
    number: Annotated[int, typer.Argument(min=1, max=10_000, help="How many.")],
    batch: Annotated[str, typer.Option(help="What the sheets say, such as a batch's id.")],
    out: Annotated[Path, typer.Option(help="PDF to print on both sides.")],
) -> None:
    """Write numbered separator sheets to print, one for each item of a batch.

    Nummerierte Trennblätter zum Drucken ausgeben.
    """
    from scanning.separators.sheet import make_label, print_sheets  # noqa: PLC0415 - not needed for --help

    if not batch.strip() or not batch.isprintable() or not batch.isascii():
        stop("eva separators: --batch: printable ASCII is expected")
    if not out.parent.is_dir():
        stop(f"eva separators: there is no folder {out.parent}")
    out.write_bytes(print_sheets([make_label(batch, n, number) for n in range(1, number + 1)]))


def _list_files(files: list[Path]) -> list[Path]:
    """The files in order, and those of folders; stops with a line for each that is missing."""
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
    stop_at(faults)
    return found


def _stop_at_faults(checked: "CheckedFiles", batch: str | None, items: int | None, services: "ScanServices") -> None:
    """Stop before anything is recorded, where a file was rejected or the counts do not agree."""
    from scanning.capture.bulk import list_waiting_items  # noqa: PLC0415 - not needed for --help

    faults = []
    for name, error in checked.failures:
        sha256 = getattr(error, "sha256", None)
        reason = in_language(f"{error.de}; in Quarantäne als {sha256}", f"{error}; kept in quarantine as {sha256}")
        faults.append(f"{name}: {reason}")
    for file, number in checked.missing_sheets:
        de, en = (
            "Seiten vor dem ersten Trennblatt; es fehlt eines",
            "pages before the first separator sheet; one is missing",
        )
        if number:
            de = f"Trennblatt {number} wurde nicht gefunden; bitte neu scannen"
            en = f"separator sheet {number} was not found; scan it again"
        faults.append(f"{file}: {in_language(de, en)}")
    expected = items if batch is None else len(list_waiting_items(services.capture, f"scan-batch:{batch}"))
    found = len(checked.scans)
    if expected not in {None, found} and not faults:
        de = f"eva scan: {found} Sendungen gefunden; {expected} werden erwartet"
        faults.append(in_language(de, f"eva scan: {found} items found; {expected} are expected"))
    stop_at(faults)


def _print_batch(
    services: "ScanServices", stream: str, checked: "CheckedFiles", failures: "list[Failure]", as_json: bool
) -> None:
    """Print what became of each item; status 1 where one could not be taken all the way."""
    from scanning.batches.scan_batch import STATES  # noqa: PLC0415
    from scanning.capture.item_access import load_batch  # noqa: PLC0415 - not needed for --help

    batch = load_batch(services.capture.engine, stream)
    if as_json:
        say_json(_as_json(batch, checked))
    else:
        items, pages, sheets = len(batch.items), checked.pages, checked.separator_sheets
        de = f"Stapel {batch.id}: {items} Sendungen, {pages} Seiten, {sheets} Trennblätter"
        say(in_language(de, f"batch {batch.id}: {items} items, {pages} pages, {sheets} separator sheets"))
        for item in sort_items(batch):
            product = item.product.sha256 if item.product else "-"
            state = in_language(STATES[item.state], item.state)
            say(f"  {item.number:>4}  {state:<12} {product}  {item.new.title}")
    stop_at([f"{name}: {in_language(error.de, str(error))}" for name, error in failures], NO)


def _as_json(batch: "Batch", checked: "CheckedFiles") -> dict[str, object]:
    items = [
        {"id": item.id, "number": item.number, "state": item.state, "title": item.new.title, "sheets": item.sheets,
         "product": item.product.sha256 if item.product else None,
         "findings": list(item.scan.raw.findings) if item.scan else []}
        for item in sort_items(batch)
    ]  # fmt: skip
    numbers = {"pages": checked.pages, "separator_sheets": checked.separator_sheets}
    return {"batch": batch.id, "state": batch.state, **numbers, "items": items}


def sort_items(batch: "Batch") -> "list[ScanItem]":
    return sorted(batch.items.values(), key=lambda item: item.number)


def _print_counts(batches: "list[Batch]", mismatches: "list[Mismatch]") -> None:
    from scanning.batches.sheet_count import count_sheets, sum_by_centre_and_day  # noqa: PLC0415

    for batch in batches:
        say(f"{in_language('Stapel', 'batch')} {batch.id}  {_describe_count(count_sheets(batch))}")
    for (centre, day), count in sum_by_centre_and_day(batches).items():
        say(f"{centre} {day}  {_describe_count(count)}")
    for batch_id, item, text, expected, found in mismatches:
        where = f"{batch_id}#{item}" if item is not None else batch_id
        print(f"{where}: {in_language(text.de, text.en)}: {expected} / {found}", file=sys.stderr)


def _describe_count(count: "SheetCount") -> str:
    numbers = (count.sheets_in, count.sheets_out, count.excluded, count.under_way, count.difference)
    german = "eingegangen {}  gescannt {}  ausgeschlossen {}  unterwegs {}  Differenz {}"
    return in_language(german, "in {}  out {}  excluded {}  under way {}  difference {}").format(*numbers)


def _print_counts_as_json(batches: "list[Batch]", mismatches: "list[Mismatch]") -> None:
    from scanning.batches.sheet_count import count_sheets, sum_by_centre_and_day  # noqa: PLC0415

    by_batch = [{"batch": batch.id, **_count_fields(count_sheets(batch))} for batch in batches]
    by_day = [
        {"centre": centre, "day": day.isoformat(), **_count_fields(count)}
        for (centre, day), count in sum_by_centre_and_day(batches).items()
    ]
    unequal = [
        {"batch": m.batch, "item": m.item, "counts": m.text.en, "expected": m.expected, "found": m.found}
        for m in mismatches
    ]
    say_json({"batches": by_batch, "centres": by_day, "mismatches": unequal})


def _count_fields(count: "SheetCount") -> dict[str, object]:
    return {**asdict(count), "difference": count.difference, "closed": count.closed}


@contextmanager
def open_services(data: Path, database: str | None, readers: int, must_exist: bool = False) -> "Iterator[ScanServices]":
    """Services for the files of a database; stops with one line where it or the folder cannot be used."""
    from scanning.capture.services import ScanServices  # noqa: PLC0415 - not needed for --help

    with open_engine(database, must_exist) as engine:
        if must_exist and not data.is_dir():
            stop(f"eva: there is no folder {data}")
        with ScanServices(engine, data, readers=readers) as services:
            yield services
