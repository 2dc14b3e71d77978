"""`eva replay FILE|DIR...`: replay files and folders, with reports, coverage and updating of expectations."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.misuse import Misuse
from api.cli.shared.options import read_decimal
from api.cli.shared.output import NO, count_cores, in_language, language, say, stop
from api.cli.shared.people import parse_token
from api.server.jobs.shipped_files import locate
from simulation.inputs.faults import UnusableInput
from workflow.text import Text

if TYPE_CHECKING:
    from api.replay.run.jobs import FileResult, Job


def run(  # one parameter per option
    paths: Annotated[list[Path], typer.Argument(help="Replay files, and folders of them.", metavar="FILE|DIR...")],
    url: Annotated[str | None, typer.Option(help="A server; each case gets a sandbox there.")] = None,
    token: Annotated[str | None, typer.Option(parser=parse_token, metavar="TOKEN", help="Token for --url.")] = None,
    sandbox: Annotated[
        str | None, typer.Option(help="With --url: id of a sandbox of yours that is filled, and stays.")
    ] = None,
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
        float | None,
        typer.Option(
            parser=read_decimal(0, 100), metavar="PERCENT", help="Percent of rows and of guards that must be exercised."
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes (default: all cores).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> int:
    """Replay files: what should happen in a case, and where it does not.

    In process by default (fresh engine, virtual clock), or in a sandbox of a server with --url. One line per file and
    the first unmet expectation in full. Exit status 0 all as expected, 1 not, 2 unusable files.
    See also `eva replay record --help`, `eva replay import-bpmn --help` and `eva replay export-bpmn --help`.

    Spielt Vorgangsdateien nach; eine Zeile je Datei, zur ersten Abweichung die Einzelheiten.
    """
    from api.replay import output as outputs  # noqa: PLC0415 - needed by this command only
    from api.replay.run import jobs  # noqa: PLC0415
    from api.replay.run.driver import ServerGone  # noqa: PLC0415

    chosen = language()
    if url is not None and (coverage is not None or min_coverage is not None):
        says = Text(
            "was die Automaten eines Servers tun, ist nicht zu sehen; ohne --url",
            "what a server's machines do cannot be seen; leave --url out",
        )
        raise Misuse(says, "--coverage")
    if url is not None and token is None:
        raise Misuse(Text("fehlt; --url braucht eines", "is missing; --url needs one"), "--token")
    began = time.perf_counter()
    files = jobs.find_files(map(locate, paths))
    if sandbox is not None and (url is None or len(files) > 1):
        raise Misuse(Text("braucht --url und genau eine Datei", "needs --url and one file"), "--sandbox")
    work = [
        jobs.Job(path, url, token, database, update, sandbox, number, chosen) for number, path in enumerate(files, 1)
    ]
    cores = count_cores()  # a server allows one user only a few sandboxes
    try:
        results = _replay_files(work, workers or (min(cores, 4) if url else cores), chosen, quiet, as_json, trace)
    except ServerGone as gone:
        stop(gone.text.get(chosen))
    seconds = time.perf_counter() - began
    if junit is not None:
        junit.parent.mkdir(parents=True, exist_ok=True)
        junit.write_bytes(outputs.render_junit(results, chosen))
    if as_json:
        say(outputs.render_json(results, seconds, chosen))
    print(outputs.render_summary(results, seconds, chosen), file=sys.stderr)
    enough = _check_coverage(results, coverage, min_coverage, chosen)
    if update and not _update_files(results, yes):
        return NO
    faults = [fault for done in results for fault in done.faults]
    if faults:
        raise UnusableInput(faults)
    return 0 if (update or all(done.passed for done in results)) and enough else NO


def _replay_files(
    work: "list[Job]", workers: int, chosen: str, quiet: bool, as_json: bool, trace: bool
) -> "list[FileResult]":
    from api.cli.shared.progress import show_progress  # noqa: PLC0415
    from api.replay import output as outputs  # noqa: PLC0415
    from api.replay.run import jobs  # noqa: PLC0415
    from api.replay.trace import render_diagram  # noqa: PLC0415

    results = []
    quiet = quiet or not sys.stderr.isatty()  # the lines on stdout are progress enough
    with show_progress(len(work), in_language("Dateien", "files"), quiet=quiet) as advance:
        for done in jobs.replay_all(work, workers):
            results.append(done)
            advance(len(results), "")
            if as_json:
                continue
            say(outputs.render_line(done, chosen))
            for text in outputs.render_remarks(done, chosen):
                say(text)
            for verdict in done.verdicts:
                for text in outputs.render_details(verdict, chosen):
                    say(text)
                if trace:
                    say(f"\n```mermaid\n{render_diagram(verdict, chosen)}```\n")
    return results


def _check_coverage(results: "list[FileResult]", to: Path | None, least: float | None, chosen: str) -> bool:
    """Write the coverage; whether it reaches `least` percent."""
    if to is None and least is None:
        return True
    from api.replay.coverage import coverage as c  # noqa: PLC0415
    from api.replay.coverage import page  # noqa: PLC0415

    total = c.Coverage()
    for done in results:
        total.add(done.coverage)
    if to is not None:
        to.write_text(page.render_page(total, chosen, html=to.suffix == ".html"), encoding="utf-8")
    share = page.get_least_share(total) * 100
    print(page.render_line(total, chosen), file=sys.stderr)
    return least is None or share >= least


def _update_files(results: "list[FileResult]", yes: bool) -> bool:
    """Write what came as expected, after asking; whether everything could be written."""
    from api.replay.recorder import update as updating  # noqa: PLC0415

    complete = True
    for done in results:
        to_write, refused = updating.find_changes(done)
        print("".join(f"{reason.get(language())}\n" for reason in refused), end="", file=sys.stderr)
        if to_write:
            lines = (f"  {change.tell(language())}" for change in to_write)
            print(f"{done.path}:", *lines, sep="\n", file=sys.stderr)
            if yes or _confirm(in_language("übernehmen?", "write this?")):
                unwritten = updating.write(done.path, to_write)
                lines = (f"{done.path}:{reason.get(language())}\n" for reason in unwritten)
                print("".join(lines), end="", file=sys.stderr)
                refused += unwritten
                many = len(to_write) - len(unwritten)
                told = in_language(f"{many} Erwartungen geschrieben", f"{many} expectations written")
                print(f"{done.path}: {told}", file=sys.stderr)
            else:
                complete = False
                print(f"{done.path}: {in_language('nichts geschrieben', 'nothing written')}", file=sys.stderr)
        elif not refused:
            print(f"{done.path}: {in_language('nichts zu ändern', 'nothing to change')}", file=sys.stderr)
        complete = complete and not refused
    return complete


def _confirm(question: str) -> bool:
    """Ask on stderr; no answer means no."""
    print(f"{question} [j/y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin is not None and sys.stdin.readline().strip().lower() in {"j", "ja", "y", "yes"}
