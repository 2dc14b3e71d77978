"""`eva replay record`: a replay file from what was done in a sandbox of a server."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.shared.misuse import Misuse
from api.cli.shared.output import language, say
from api.cli.shared.people import parse_token
from workflow.text import Text


def record(
    url: Annotated[str, typer.Option(help="The server.")],
    token: Annotated[str, typer.Option(parser=parse_token, metavar="TOKEN", help="Token of the sandbox's owner.")],
    sandbox: Annotated[str, typer.Option(help="Id of the sandbox.")],
    out: Annotated[Path, typer.Option(help="The replay file to write; an existing file is never overwritten.")],
    title: Annotated[str | None, typer.Option(help="Title of the case (default: the sandbox's).")] = None,
) -> None:
    """Write a replay file from what was done in a sandbox.

    Schreibt aus dem, was in einem Sandkasten getan wurde, eine Vorgangsdatei.
    """
    from api.replay.file.summary import check_and_summarise  # noqa: PLC0415 - not needed for --help
    from api.replay.recorder.fetch import fetch_requests  # noqa: PLC0415
    from api.replay.recorder.recorder import NothingDone, write_replay  # noqa: PLC0415
    from api.replay.run.driver import ReplayError  # noqa: PLC0415

    if out.exists():
        raise Misuse(Text(f"{out} gibt es schon", f"{out} is there already"), "--out")
    try:
        text = write_replay(fetch_requests(url, token, sandbox, language()), title)
    except (ReplayError, NothingDone) as wrong:
        raise Misuse(wrong.text) from wrong
    out.write_text(text, encoding="utf-8")
    for line in check_and_summarise(out, language()):
        say(line)
