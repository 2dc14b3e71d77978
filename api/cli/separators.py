"""`eva separators`: numbered separator sheets to print."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.shared.output import in_language, stop


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
        told = in_language("druckbares ASCII wird erwartet", "printable ASCII is expected")
        stop(f"eva separators: --batch: {told}")
    if not out.parent.is_dir():
        told = in_language(f"den Ordner {out.parent} gibt es nicht", f"there is no folder {out.parent}")
        stop(f"eva separators: {told}")
    out.write_bytes(print_sheets([make_label(batch, n, number) for n in range(1, number + 1)]))
