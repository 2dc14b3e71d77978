"""`eva scan pictures`: the pages of a batch that look different after the conversion, to be compared by a person."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from api.cli.scan.paper import BatchId, Items
from api.cli.scan.services import DEFAULT_DATA, Data, open_services, sort_items
from api.cli.shared.database import Database
from api.cli.shared.options import read_folder
from api.cli.shared.output import in_language, say


def pictures(
    batch: BatchId,
    out: Annotated[
        Path, typer.Option(parser=read_folder, metavar="FOLDER", help="Folder for the pictures, made if missing.")
    ],
    items: Items = None,
    data: Data = DEFAULT_DATA,
    database: Database = None,
) -> None:
    """Write the pictures of each page that looks different or was left out: as scanned, and as in the PDF/A.

    Bilder der Seiten, die anders aussehen: Vorlage und Ergebnis, zum Vergleichen vor der Prüfung.
    """
    from scanning.batches.scan_batch import stream  # noqa: PLC0415 - not needed for --help
    from scanning.capture.item_access import load_batch  # noqa: PLC0415

    with open_services(data, database, 1, must_exist=True) as services:
        found = sort_items(load_batch(services.capture.engine, stream(batch)))
        out.mkdir(parents=True, exist_ok=True)
        for item in found:
            if item.scan is None or (items and item.number not in items):
                continue
            for page in item.scan.raw.differences:
                say(f"  {item.number:>4}  {page.detail}")
                for sha256, word in zip((page.before, page.converted, page.after), _WORDS, strict=True):
                    if sha256 is not None:
                        name = f"{item.number}-{page.page}-{in_language(*word)}.png"
                        shutil.copyfile(services.store.path(sha256), out / name)


_WORDS = (("vorlage", "scanned"), ("umgewandelt", "converted"), ("ergebnis", "result"))
