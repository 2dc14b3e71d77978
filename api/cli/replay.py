"""`eva replay`: replay files and folders, record what was done in a sandbox, import a route from BPMN."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from api.server.jobs.shipped_files import locate
from simulation.inputs.faults import UnusableInput

if TYPE_CHECKING:
    from api.replay.run.jobs import Done, Job

NOT_SO = 1
PIPE_CLOSED = 141


class _RunByDefault(TyperGroup):
    """`eva replay FILE` is `eva replay run FILE`: whatever is no sub-command is a file or an option of `run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_RunByDefault, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def register(parent: typer.Typer) -> None:
    """Add `replay` to the commands of `eva`."""
    parent.add_typer(app, name="replay", help="Replay files against an engine or a server; record, import-bpmn.")


@app.command("run")
def run_files(  # one parameter per option
    paths: Annotated[list[Path], typer.Argument(help="Replay files, and folders of them.", metavar="FILE|DIR...")],
    url: Annotated[str | None, typer.Option(help="A server; each case gets a sandbox there.")] = None,
    token: Annotated[str | None, typer.Option(help="Token for --url.")] = None,
    database: Annotated[
        str | None, typer.Option(help="In process on this database; `{}` in the URL becomes a number for each case.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit report.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print results as JSON.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Write what came as expected, after asking.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --update: do not ask.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Print each case as a Mermaid sequence diagram.")] = False,
    coverage: Annotated[
        Path | None, typer.Option(help="Write what was exercised of the machines (.md or .html).")
    ] = None,
    min_coverage: Annotated[
        float | None, typer.Option(min=0, max=100, help="Percent of rows and of guards that must be exercised.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes (default: all cores).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> int:
    """Replay files: what should happen in a case, and where it does not.

    In process by default (fresh engine, virtual clock), or in a sandbox of a server with --url. One line per file and
    the first unmet expectation in full. Exit status 0 all as expected, 1 not, 2 unusable files.
    `eva replay record --help` and `eva replay import-bpmn --help` tell of the other two.

    Spielt Vorgangsdateien nach; eine Zeile je Datei, zur ersten Abweichung die Einzelheiten.
    """
    from api.replay import output as outputs  # noqa: PLC0415 - needed by this command only
    from api.replay.run import jobs  # noqa: PLC0415

    language = _language()
    if url is not None and (coverage is not None or min_coverage is not None):
        raise typer.BadParameter("what a server's machines do cannot be seen; leave --url out", param_hint="--coverage")
    began = time.perf_counter()
    files = jobs.find(map(locate, paths))
    work = [jobs.Job(path, url, token, database, go_on=update) for path in files]
    all_done = _replayed(work, _workers(workers, url), language, quiet, as_json, trace)
    seconds = time.perf_counter() - began
    if junit is not None:
        junit.write_bytes(outputs.junit(all_done))
    if as_json:
        _say(outputs.as_json(all_done, seconds))
    print(outputs.summary(all_done, seconds, language), file=sys.stderr)
    enough = _covered(all_done, coverage, min_coverage, language)
    if update and not _updated(all_done, yes, language):
        return NOT_SO
    faults = [fault for done in all_done for fault in done.faults]
    if faults:
        raise UnusableInput(faults)
    return 0 if (update or all(done.passed for done in all_done)) and enough else NOT_SO


@app.command("record")
def record(
    url: Annotated[str, typer.Option(help="The server.")],
    token: Annotated[str, typer.Option(help="Token of the sandbox's owner.")],
    sandbox: Annotated[str, typer.Option(help="Id of the sandbox.")],
    out: Annotated[Path, typer.Option(help="The replay file to be written; never over one that is there.")],
    title: Annotated[str | None, typer.Option(help="Title of the case (default: the sandbox's).")] = None,
) -> int:
    """Write a replay file from what was done in a sandbox.

    Schreibt aus dem, was in einem Sandkasten getan wurde, eine Vorgangsdatei.
    """
    from api.replay.recorder.fetch import recorder  # noqa: PLC0415
    from api.replay.recorder.recorder import replay_file  # noqa: PLC0415
    from api.replay.run.driver import Broken  # noqa: PLC0415

    if out.exists():
        raise typer.BadParameter(f"{out} is there already", param_hint="--out")
    try:
        text = replay_file(recorder(url, token, sandbox), title)
    except (Broken, LookupError) as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    out.write_text(text, encoding="utf-8")
    _say(check(out))
    return 0


@app.command("import-bpmn")
def import_bpmn(
    file: Annotated[Path, typer.Argument(help="BPMN 2.0 file with one process and no collaboration.", metavar="FILE")],
    out: Annotated[Path | None, typer.Option(help="Write there instead of stdout.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the template (default: the process's).")] = None,
    start: Annotated[str, typer.Option(help="Day from which timers count, as 2021-06-01.")] = "2021-06-01",
) -> int:
    """Make a route template of a BPMN process: user tasks, exclusive and parallel gateways, timers.

    What cannot be represented is refused with the element's id and line. The result is the body of the action `save`
    on `templates`, as JSON.

    Macht aus einem BPMN-Prozess eine Laufweg-Vorlage.
    """
    import json  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    from api.replay.bpmn.template import template  # noqa: PLC0415

    try:
        day = date.fromisoformat(start)
    except ValueError as wrong:
        raise typer.BadParameter(f"{start} is no day", param_hint="--start") from wrong
    text = json.dumps(template(file, day, name), ensure_ascii=False, indent=2)
    if out is None:
        _say(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
    return 0


def _replayed(work: "list[Job]", workers: int, language: str, quiet: bool, as_json: bool, trace: bool) -> "list[Done]":
    """Replay every file, saying one line for each as it is done."""
    from api.replay import output as outputs  # noqa: PLC0415
    from api.replay.run import jobs  # noqa: PLC0415
    from api.replay.trace import diagram  # noqa: PLC0415

    all_done = []
    with _progress(len(work), quiet, language) as advance:
        for done in jobs.replay_all(work, workers):
            all_done.append(done)
            advance()
            if as_json:
                continue
            _say(outputs.line(done, language))
            for verdict in done.verdicts:
                for told in outputs.details(verdict, language):
                    _say(told)
                if trace:
                    _say(f"\n```mermaid\n{diagram(verdict)}```\n")
    return all_done


def _covered(all_done: "list[Done]", to: Path | None, least: float | None, language: str) -> bool:
    """Write and judge what was exercised."""
    if to is None and least is None:
        return True
    from api.replay.coverage import coverage as c  # noqa: PLC0415
    from api.replay.coverage import page  # noqa: PLC0415

    total = c.Coverage()
    for done in all_done:
        total.add(done.coverage)
    if to is not None:
        to.write_text(page.page(total, html=to.suffix == ".html"), encoding="utf-8")
    share = page.least_share(total) * 100
    print(page.line(total, language), file=sys.stderr)
    return least is None or share >= least


def _updated(all_done: "list[Done]", yes: bool, language: str) -> bool:
    """Ask and write; whether every file is now as it came."""
    from api.replay.recorder import update as updating  # noqa: PLC0415

    complete = True
    for done in all_done:
        to_write, refused = updating.changes(done)
        for told in refused:
            print(told, file=sys.stderr)
        complete = complete and not refused
        if not to_write:
            continue
        print(f"{done.path}:", file=sys.stderr)
        for change in to_write:
            print(f"  {change}", file=sys.stderr)
        question = "übernehmen?" if language == "de" else "write this?"
        if not yes and not _confirmed(question):
            complete = False
            continue
        refused = updating.write(done.path, to_write)
        for told in refused:
            print(f"{done.path}:{told}", file=sys.stderr)
        complete = complete and not refused
    return complete


def _confirmed(question: str) -> bool:
    """Ask on stderr; nobody there to answer is a no."""
    print(f"{question} [j/y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin is not None and sys.stdin.readline().strip().lower() in {"j", "ja", "y", "yes"}


def _workers(wanted: int | None, url: str | None) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return wanted or (min(cores, 4) if url else cores)  # a server lets one user have a few sandboxes only


def _progress(total: int, quiet: bool, language: str) -> AbstractContextManager[Any]:
    if quiet or not sys.stderr.isatty():
        return nullcontext(lambda: None)
    return _bar(total, language)


def _bar(total: int, language: str) -> AbstractContextManager[Any]:
    from contextlib import contextmanager  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    @contextmanager
    def shown() -> Iterator[Any]:
        name = "Dateien" if language == "de" else "files"
        columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(name, total=total)
            yield lambda: progress.advance(task)

    return shown()


def _language() -> str:
    language = os.environ.get("EVA_LANG", "de")
    if language not in {"de", "en"}:
        raise typer.BadParameter(f"EVA_LANG is {language!r}; expected de or en")
    return language


def _say(text: str) -> None:
    """Print a result at once; a reader who went away is no fault."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(PIPE_CLOSED) from None


def is_one(path: Path) -> bool:
    """Whether a file says that it is a replay file or a fragment; one that cannot be read is told of elsewhere."""
    from api.replay.file.load import KINDS, kind_of  # noqa: PLC0415

    try:
        return kind_of(path) in KINDS
    except UnusableInput:
        return False


def check(path: Path) -> str:
    """What `eva check` says of a replay file or fragment; raises `UnusableInput`."""
    from api.replay.file.check import load_checked  # noqa: PLC0415
    from api.replay.file.load import check_fragment, kind_of  # noqa: PLC0415

    german = _language() == "de"
    if kind_of(path) == "fragment":
        check_fragment(path)
        return f"{path}: {'in Ordnung, Baustein' if german else 'ok, fragment'}"
    cases = load_checked(path)
    steps = sum(len(case.replay.steps) for case in cases)
    return f"{path}: " + (
        f"in Ordnung, {len(cases)} Fälle, {steps} Schritte" if german else f"ok, {len(cases)} cases, {steps} steps"
    )
