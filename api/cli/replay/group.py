"""`eva replay` and its sub-commands."""

import typer

from api.cli.replay.export_bpmn import export_bpmn
from api.cli.replay.import_bpmn import import_bpmn
from api.cli.replay.record import record
from api.cli.replay.run import run
from api.cli.shared.default_command import create_group

app = typer.Typer(cls=create_group("run"), add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command("run")(run)
app.command("record")(record)
app.command("import-bpmn")(import_bpmn)
app.command("export-bpmn")(export_bpmn)
