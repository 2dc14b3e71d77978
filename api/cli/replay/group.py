"""`eva replay` and its sub-commands."""

from typing import Any

import typer
from typer.core import TyperGroup

from api.cli.replay.import_bpmn import import_bpmn
from api.cli.replay.record import record
from api.cli.replay.run import run


class _RunByDefault(TyperGroup):
    """`eva replay FILE` is `eva replay run FILE`: what is no sub-command is a file or an option of `run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_RunByDefault, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command("run")(run)
app.command("record")(record)
app.command("import-bpmn")(import_bpmn)
