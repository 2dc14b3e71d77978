"""`eva demo`: an authority to look around in, with the browser opened and somebody logged in."""

import shutil
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.output import in_language, language, say, stop

if TYPE_CHECKING:
    from api.settings import Settings

UNFINISHED = ".filling"


def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where the demonstration is kept; made anew if missing.")] = (
        Path("eva-demo")
    ),
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the links, and open no browser.")] = False,
) -> None:
    """Show a believable authority: people, cases, slips, mail, scans and a forecast in a database of its own.

    The folder is used again by the next call; delete it to begin anew.

    Eine Behörde zum Ausprobieren, in einer eigenen Datenbank.
    """
    from api.cli.operation.server_process import find_address_fault, run  # noqa: PLC0415 - not needed for --help

    if fault := find_address_fault(host, port):
        stop(f"eva demo: {in_language(*fault)}")
    if not (folder / "eva.db").exists():
        _fill(folder)
    settings = _read_settings(folder, host, port)
    links = _make_links(settings)

    def greet(address: str) -> None:
        _print_links(address, links)
        if not no_browser and not webbrowser.open(f"{address}{links[0][1]}"):
            say(in_language("Kein Browser gefunden; der erste Link führt hinein.", "no browser; follow the first link"))

    if not run(settings, lambda address: threading.Thread(target=greet, args=(address,), daemon=True).start()):
        told = in_language("konnte nicht starten oder nicht ordentlich enden", "could not start, or not end in order")
        stop(f"eva demo: {told}")


def _fill(folder: Path) -> None:
    """Fill the folder, whole or not at all; stops where there is something else in it."""
    if folder.exists() and any(folder.iterdir()):
        told = in_language(
            f"{folder} enthält etwas anderes; mit --dir ist ein leerer Ordner zu nennen",
            f"{folder} holds something else; name an empty folder with --dir",
        )
        stop(f"eva demo: {told}")
    from datetime import UTC, datetime  # noqa: PLC0415 - not needed for --help

    from api.cli.demo.fill import fill  # noqa: PLC0415
    from simulation.inputs.foreign_words import describe_failure  # noqa: PLC0415
    from workflow.errors import EvaError  # noqa: PLC0415

    making = folder.with_name(folder.name + UNFINISHED)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        failed = fill(making, datetime.now(UTC), _tell)
    except (EvaError, OSError) as wrong:
        text = wrong.text if isinstance(wrong, EvaError) else describe_failure(wrong)
        stop(f"eva demo: {text.get(language())}")
    if folder.exists():
        folder.rmdir()
    making.rename(folder)
    if failed:
        _warn(f"Die Prognose ist gescheitert: {failed}", f"the forecast has failed: {failed}")


def _warn(de: str, en: str) -> None:
    print(f"eva demo: {in_language(de, en)}", file=sys.stderr, flush=True)


def _tell(de: str, en: str) -> None:
    print(f"  {in_language(de, en)} …", file=sys.stderr, flush=True)


def _read_settings(folder: Path, host: str, port: int) -> "Settings":
    """Those of the environment, which the server process reads once more, with the folder's database and files."""
    import os  # noqa: PLC0415 - not needed for --help

    from api.settings import from_environment  # noqa: PLC0415
    from workflow.errors import InvalidCommand  # noqa: PLC0415

    place = folder.resolve()
    given = {
        "EVA_DATABASE_URL": f"sqlite:///{place / 'eva.db'}", "EVA_DATA": str(place / "data"), "EVA_HOST": host,
        "EVA_PORT": str(port), "EVA_WORKERS": "1", "EVA_QUIET": "events", "EVA_TEST_SEALS_COUNT": "1",
    }  # fmt: skip
    os.environ.update(given)
    try:
        return from_environment(os.environ)
    except InvalidCommand as wrong:
        stop("\n".join(f"{name}: {in_language(*what)}" for name, what in wrong.texts))


def _make_links(settings: "Settings") -> list[tuple[str, str]]:
    """What somebody is, and the path of a link that logs in as them."""
    from urllib.parse import quote  # noqa: PLC0415 - not needed for --help

    from api.application.tokens import Holder  # noqa: PLC0415
    from api.cli.demo.people import AUTHORITY, LOGINS  # noqa: PLC0415
    from api.cli.shared.database import open_engine  # noqa: PLC0415
    from api.server.auth.authenticator import issue  # noqa: PLC0415
    from api.server.auth.sessions import make_link  # noqa: PLC0415
    from workflow.engine.access import Protection  # noqa: PLC0415

    found = []
    with open_engine(settings.database_url) as engine:
        for one in LOGINS:
            token = issue(engine, one.user, one.roles, AUTHORITY, Protection.NORMAL, 1)
            holder = Holder(one.user, frozenset(one.roles), AUTHORITY, Protection.NORMAL, token=token.id)
            link = make_link(engine, holder)
            found.append((f"{one.user} {in_language(*one.what)}", f"/login/link/{link}?next={quote(one.page)}"))
    return found


def _print_links(address: str, links: list[tuple[str, str]]) -> None:
    say(in_language(f"Bereit auf {address}. Jeder Link gilt einmal:", f"ready at {address}; each link is good once:"))
    for who, path in links:
        say(f"  {who}\n    {address}{path}")
    say(in_language("Beenden mit Strg+C.", "Ctrl+C ends it."))
    sys.stdout.flush()
