"""`eva scan FOLDER`: files into a batch; the same command goes on where it was stopped; `eva scan finish` closes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.scan.services import (
    DEFAULT_AUTHORITY,
    DEFAULT_DATA,
    Authority,
    Data,
    Quiet,
    make_actor,
    open_services,
    sort_items,
)
from api.cli.shared.database import Database
from api.cli.shared.output import NO, in_language, say, say_json, stop, stop_at
from api.cli.shared.progress import show_progress
from workflow.engine.access import Protection, Role

if TYPE_CHECKING:
    from scanning.batches.scan_batch import Batch
    from scanning.capture.bulk import CheckedFiles, Failure, Progress
    from scanning.capture.folder import Arrival, Folder, FolderBatch, People
    from scanning.capture.page_files import Source
    from scanning.capture.services import ScanServices
    from scanning.requirements.terms import Postprocessing
    from scanning.text_recognition.postprocess import Handling

Files = Annotated[list[Path], typer.Argument(help="Files or folders: PDF, TIFF, JPEG, PNG.", metavar="FILE...")]


def take(
    files: Files,
    scanner: Annotated[
        str,
        typer.Option(
            "--scanner", "--environment", help="Scanner and software, for the note; required.", show_default=False
        ),
    ] = "",
    batch: Annotated[str, typer.Option(help="Id of a batch whose items wait, or `new`: the folder's own.")] = "new",
    operator: Annotated[str, typer.Option(help="Who scanned.")] = "scan-operator",
    inspector: Annotated[
        str | None, typer.Option(help="Who has looked at every page; without, items stay scanned.", show_default=False)
    ] = None,
    authority: Authority = DEFAULT_AUTHORITY,
    centre: Annotated[str, typer.Option(help="Scan centre.")] = "scanstelle",
    unit: Annotated[str, typer.Option(help="To whose mail folder it goes.")] = "poststelle",
    title: Annotated[str, typer.Option(help="Title of a new batch.")] = "Posteingang",
    protection: Annotated[Protection, typer.Option(help="Protection need of a new batch.")] = Protection.NORMAL,
    duplex: Annotated[bool, typer.Option("--duplex", help="Two pages a sheet.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Lay recognised text behind pages; needs tesseract.")] = False,
    deskew: Annotated[bool, typer.Option("--deskew", help="Turn pages straight that were fed askew.")] = False,
    drop_blank_backs: Annotated[
        bool, typer.Option("--drop-blank-backs", help="Leave out backs with nothing on them; with --duplex.")
    ] = False,
    as_it_is: Annotated[
        bool, typer.Option("--as-it-is", help="Nothing is done with pages, whatever the centre's terms want.")
    ] = False,
    pages: Annotated[bool, typer.Option("--pages", help="A file is a page: brief-1.tif, brief-2.tif, ….")] = False,
    duplicates: Annotated[
        Literal["refuse", "exclude"], typer.Option(help="A file that was scanned before: refuse all, or exclude it.")
    ] = "refuse",
    sheets: Annotated[int | None, typer.Option(min=1, help="Sheets as counted by hand.", show_default=False)] = None,
    items: Annotated[int | None, typer.Option(min=1, help="Items as counted by hand.", show_default=False)] = None,
    readers: Annotated[int, typer.Option(min=1, max=64, help="Files read at a time.")] = 1,
    data: Data = DEFAULT_DATA,
    database: Database = None,
    quiet: Quiet = False,
    as_json: Annotated[bool, typer.Option("--json", help="The batch as JSON.")] = False,
) -> None:
    """Check, cut, store, note, seal and deliver scanned files; the same command goes on where it was stopped.

    Nothing is recorded before every file has passed the check. Ordner erfassen; derselbe Aufruf setzt fort.
    """
    from scanning.batches.handling import choose_handling  # noqa: PLC0415
    from scanning.capture.folder import Arrival, People  # noqa: PLC0415 - not needed for --help
    from scanning.requirements.terms import Postprocessing  # noqa: PLC0415

    sources, faults = _list_sources(files, pages)
    if not scanner.strip():  # told with the missing files, so that one more call is enough
        de, en = "der Scanner fehlt; Gerät und Software für den Vermerk", "the scanner is missing; device and software"
        faults.append(f"eva scan: --scanner: {in_language(de, en)}")
    wanted = Postprocessing(text_layer=text, deskew=deskew, drop_blank_backs=drop_blank_backs)
    faults += _find_obstacles(wanted, duplex, as_it_is)
    stop_at(faults)
    if inspector == operator:
        told = in_language(
            "jemand anderes als wer scannt muss prüfen (TR-03138 A.O.1)",
            "somebody else than the operator has to look (TR-03138 A.O.1)",
        )
        stop(f"eva scan: --inspector: {told}")
    people = People(
        make_actor(operator, Role.SCAN_OPERATOR, authority),
        make_actor(inspector, Role.SCAN_INSPECTOR, authority) if inspector else None,
    )
    arrival = Arrival(centre, unit, title, protection, scanner, duplex, sheets, items, as_it_is)
    with open_services(data, database, readers) as services:
        known = None if batch == "new" else batch
        folder, recorder = _open_folder(services, data, files, people, arrival, known)
        with show_progress(len(sources), in_language("prüfen", "check"), quiet=quiet) as advance:
            how = choose_handling(
                services.capture.engine, recorder.stream, centre, wanted, duplex=duplex, as_it_is=as_it_is
            )
            checked = _check(services, sources, folder.checks, how, lambda done: advance(done, ""))
        if folder.finished and not recorder.has_taken(checked.scans):
            folder.begin_anew()  # what was finished stays; these files are a batch of their own
            folder, recorder = _open_folder(services, data, files, people, arrival, known)
        _stop_at_faults(checked, recorder, items, duplicates)
        with show_progress(len(checked.scans), in_language("verbuchen", "record"), quiet=quiet) as advance:
            failures = recorder.record(checked.scans, duplicates == "exclude", lambda done: advance(done, ""))
        _print_batch(services, recorder.begin(), checked, failures, as_json)


def finish(
    files: Files,
    sheets: Annotated[int, typer.Option(min=1, help="Sheets as counted by hand.")],
    operator: Annotated[str, typer.Option(help="Who counted.")] = "scan-operator",
    authority: Authority = DEFAULT_AUTHORITY,
    data: Data = DEFAULT_DATA,
    database: Database = None,
) -> None:
    """Close the batch of a folder: status 1 while items wait or sheets do not add up; later files are a new batch.

    Stapel eines Ordners abschließen.
    """
    from scanning.batches.sheet_count import count_sheets, find_mismatches  # noqa: PLC0415 - not needed for --help
    from scanning.capture.folder import Arrival, People  # noqa: PLC0415
    from scanning.capture.item_access import load_batch  # noqa: PLC0415

    people = People(make_actor(operator, Role.SCAN_OPERATOR, authority))
    arrival = Arrival("scanstelle", "poststelle", "Posteingang", Protection.NORMAL, "-")
    with open_services(data, database, 1, must_exist=True) as services:
        folder, recorder = _open_folder(services, data, files, people, arrival, None)
        stream = recorder.stream
        if stream is None:
            told = in_language("von hier wurde nichts übernommen", "nothing was taken from here")
            stop(f"eva scan finish: {files[0]}: {told}")
        batch = load_batch(services.capture.engine, stream)
        count = count_sheets(batch)
        faults = [
            f"{batch.id}#{item.number}: {in_language('wartet auf den Scan', 'waits for its scan')}"
            for item in recorder.list_waiting()
        ]
        found = count.sheets_out + count.excluded + count.under_way
        if sheets != found:
            de = f"{batch.id}: {sheets} Blätter gezählt, {found} erfasst"
            faults.append(in_language(de, f"{batch.id}: {sheets} sheets counted, {found} taken in"))
        for _, item, text, expected, other in find_mismatches(batch):
            where = f"{batch.id}#{item}" if item is not None else batch.id
            faults.append(f"{where}: {in_language(text.de, text.en)}: {expected} / {other}")
        stop_at(faults, NO)
        folder.finish()
    say(
        in_language(
            f"Stapel {batch.id}: abgeschlossen, {sheets} Blätter", f"batch {batch.id}: finished, {sheets} sheets"
        )
    )


def _open_folder(
    services: "ScanServices", data: Path, files: list[Path], people: "People", arrival: "Arrival", batch: str | None
) -> "tuple[Folder, FolderBatch]":
    from scanning.capture.folder import Folder, FolderBatch  # noqa: PLC0415 - not needed for --help

    folder = Folder(data, files)
    recorder = FolderBatch(services.capture, folder.key, people, arrival, batch)
    recorder.list_waiting()  # an unknown batch is an error before any file is read
    return folder, recorder


def _find_obstacles(wanted: "Postprocessing", duplex: bool, as_it_is: bool) -> list[str]:
    """A line for each thing that is asked for and cannot be done."""
    from scanning.text_recognition.tesseract import find_obstacle  # noqa: PLC0415 - not needed for --help

    faults = []
    if wanted.text_layer and (obstacle := find_obstacle()):
        faults.append(f"eva scan: --text: {in_language(obstacle.de, obstacle.en)}")
    if wanted.drop_blank_backs and not duplex:
        de, en = "ohne --duplex gibt es keine Rückseiten", "without --duplex there are no backs"
        faults.append(f"eva scan: --drop-blank-backs: {in_language(de, en)}")
    if wanted.anything and as_it_is:
        de, en = "nicht mit --text, --deskew, --drop-blank-backs", "not with --text, --deskew, --drop-blank-backs"
        faults.append(f"eva scan: --as-it-is: {in_language(de, en)}")
    return faults


def _check(
    services: "ScanServices", sources: "list[Source]", known: Path, how: "Handling", progress: "Progress"
) -> "CheckedFiles":
    from scanning.capture.bulk import check_files  # noqa: PLC0415 - not needed for --help

    return check_files(services.capture, sources, progress, known, how)


def _list_sources(files: list[Path], pages: bool) -> "tuple[list[Source], list[str]]":
    """The files in order, and those of folders; and a line for each that is missing."""
    from scanning.capture.page_files import Source, group_pages  # noqa: PLC0415 - not needed for --help

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
    return group_pages(found) if pages else [Source(path.name, (path,)) for path in found], faults


def _stop_at_faults(checked: "CheckedFiles", recorder: "FolderBatch", expected: int | None, duplicates: str) -> None:
    """Stop before anything is recorded, where a file was rejected or belongs elsewhere, or counts do not agree."""
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
    faults += [f"{file}: {in_language(fault.de, fault.en)}" for file, fault in checked.sheet_faults]
    if not faults:
        refusals = recorder.find_refusals(checked.scans, duplicates == "exclude")
        faults += [f"{name}: {in_language(text.de, text.en)}" for name, text in refusals]
    found = len(checked.scans)
    if not faults and expected not in {None, found}:
        de = f"eva scan: {found} Sendungen gefunden; {expected} werden erwartet"
        faults.append(in_language(de, f"eva scan: {found} items found; {expected} are expected"))
    stop_at(faults)


def _print_batch(
    services: "ScanServices", stream: str, checked: "CheckedFiles", failures: "list[Failure]", as_json: bool
) -> None:
    """Print what became of each item; status 1 where one could not be taken all the way."""
    from scanning.batches.scan_batch import STATES  # noqa: PLC0415 - not needed for --help
    from scanning.capture.item_access import load_batch  # noqa: PLC0415

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
