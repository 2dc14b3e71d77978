"""`eva scan counts`: whether sheets add up, by batch, centre and day."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.output import NO, in_language, say, say_json

if TYPE_CHECKING:
    from scanning.batches.scan_batch import Batch
    from scanning.batches.sheet_count import Mismatch, SheetCount


def counts(
    batch: Annotated[str | None, typer.Option(metavar="ID", help="Of this batch only.", show_default=False)] = None,
    database: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Counts and mismatches as JSON.")] = False,
) -> None:
    """Count sheets by batch, centre and day: in = out + excluded + under way; status 1 where counts do not agree.

    Blätter zählen, je Stapel, Scanstelle und Tag.
    """
    from scanning.batches.sheet_count import (  # noqa: PLC0415 - not needed for --help
        describe_counts,
        find_mismatches,
        read_batches,
    )
    from scanning.capture.item_access import load_batch  # noqa: PLC0415

    with open_engine(database) as engine:
        found = list(read_batches(engine)) if batch is None else [load_batch(engine, f"scan-batch:{batch}")]
    mismatches = [mismatch for one in found for mismatch in find_mismatches(one)]
    if as_json:
        say_json(describe_counts(found))
    else:
        _print_counts(found, mismatches)
    if mismatches:
        raise typer.Exit(NO)


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
