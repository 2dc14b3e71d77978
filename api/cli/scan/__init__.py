"""`eva scan`: a folder of scanned files is a batch, from the first file to the destroyed paper; `eva separators`."""

import typer

from api.cli.scan import counts, files, paper, pictures
from api.cli.shared.default_command import create_group

app = typer.Typer(
    cls=create_group("files"),
    help="Take in scanned files; check, release, destroy; count sheets.\n\nScannen: annehmen bis vernichten.",
)
app.command("files")(files.take)
app.command()(files.finish)
app.command()(paper.check)
app.command()(paper.reject)
app.command()(pictures.pictures)
app.command()(paper.release)
app.command()(paper.destroy)
app.command()(counts.counts)
