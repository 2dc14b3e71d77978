"""What every command that asks a question does around it: progress, files, what is said."""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.shared.output import check_out, in_language, language, say, say_json, say_sentence, stop
from api.cli.shared.progress import write_count

if TYPE_CHECKING:
    from simulation.questions.answer import Answer
    from simulation.scenario.programme import Scenario

Progress = Callable[[int, int], None]


def answer_question(
    name: str, ask: Callable[[Progress], "Answer"], scenario: "Scenario", out: Path, *, quiet: bool, as_json: bool
) -> "Answer":
    """Ask, write the answer into `out` and show it. Faults in what was asked end the command with status 2."""
    from simulation.answers.write import write_answer  # noqa: PLC0415 - not needed for --help
    from simulation.inputs.faults import Unanswerable  # noqa: PLC0415
    from simulation.inputs.foreign_words import describe_failure  # noqa: PLC0415
    from simulation.report.files import check_writable  # noqa: PLC0415
    from simulation.workers import EngineUnavailable  # noqa: PLC0415

    check_out(out, check_writable)
    try:
        with _show_runs(quiet=quiet or as_json) as on_progress:
            answer = ask(on_progress)
        page = write_answer(answer, scenario, out, language())
    except Unanswerable as error:
        stop(error.fault.tell(language()))
    except (OSError, EngineUnavailable) as error:
        stop(f"eva {name}: {describe_failure(error).get(language())}")
    if as_json:
        say_json(answer.summary)
    elif not quiet:
        for sentence in answer.sentences:
            say_sentence(sentence.get(language()))
        say(f"{in_language('Seite', 'page')}: {out / page.name}")
    return answer


@contextmanager
def _show_runs(*, quiet: bool):  # type: ignore[no-untyped-def]  # a context of a function
    """Runs made so far on stderr: how many will be needed is not known before."""
    last = 0.0

    def on_progress(done: int, wanted: int) -> None:
        nonlocal last
        import time  # noqa: PLC0415

        now = time.monotonic()
        if now - last >= (0.2 if sys.stderr.isatty() else 10):
            last = now
            text = f"{in_language('Durchläufe', 'runs')}: {write_count(done)} / {write_count(wanted)}"
            print(
                f"\r{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr
            )

    yield (lambda _done, _wanted: None) if quiet else on_progress
    if sys.stderr.isatty() and last:
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
