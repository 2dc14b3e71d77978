"""Output of all commands: results to stdout, messages to stderr, the exit status, and the language (EVA_LANG)."""

import json
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import get_terminal_size
from typing import Any, NoReturn

NO, UNUSABLE, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141
"""Exit statuses besides 0: the answer is no, unusable input, and SIGINT and SIGPIPE as shells report them."""


def say(text: str) -> None:
    """Print a result at once; ends the command where the reader has closed the pipe. A full disk raises `OSError`."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        leave(PIPE_CLOSED)


def say_sentence(text: str) -> None:
    """Print a sentence, on a terminal in lines as wide as it is, else in one line."""
    if sys.stdout.isatty():
        text = textwrap.fill(text, get_terminal_size().columns, break_long_words=False, break_on_hyphens=False)
    say(text)


def say_json(value: Any) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=2))


def stop(message: str, status: int = UNUSABLE) -> NoReturn:
    with suppress(OSError):
        if sys.stderr is not None:  # closed by the shell; `print` would take stdout instead
            print(message, file=sys.stderr, flush=True)
    leave(status)


def check_out(out: Path, check: Callable[[Path], None], option: str = "--out") -> None:
    """End the command where nothing can be written to the place that an option names; `check` raises `OSError` then."""
    try:
        check(out.resolve())
    except (OSError, ValueError, RuntimeError) as error:  # a name that holds NUL, is too long or links to itself
        from simulation.inputs.foreign_words import describe_system_error  # noqa: PLC0415 - not needed for --help

        stop(f"{option}:1:1: {describe_system_error(error).get(language())}")


def stop_at(faults: Sequence[str], status: int = UNUSABLE) -> None:
    """End the command with a line for each fault, if there are any."""
    if faults:
        stop("\n".join(faults), status)


def leave(status: int) -> NoReturn:
    """End the command; what can no longer be written to a closed pipe or a full disk is dropped without a message."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(status)


def language() -> str:
    """`de` or `en` as EVA_LANG says, German by default; any other value ends the command."""
    chosen = os.environ.get("EVA_LANG", "de")
    if chosen not in {"de", "en"}:
        stop(f"EVA_LANG:1:1: {chosen!r}; expected de or en")
    return chosen


def in_language(de: str, en: str) -> str:
    return de if language() == "de" else en


def count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def render_text(content: Any, otherwise: int = 100) -> str:
    """What rich shows, as text: as wide as the terminal, or so many characters where there is none."""
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    console = Console(width=None if sys.stdout.isatty() else otherwise)
    with console.capture() as captured:
        console.print(content)
    return captured.get()
