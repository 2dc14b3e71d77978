"""Output, exit statuses and the progress bar, which all commands share."""

import errno
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.questions import answer
from api.cli.shared import output, progress
from api.cli.shared.database import database_url, open_engine
from api.cli.shared.people import HUMAN_ROLES, parse_role
from workflow.engine.access import Role


class Closed(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    def fileno(self) -> int:
        return 1


def test_a_result_is_printed_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("Ergebnis")
    assert capsys.readouterr() == ("Ergebnis\n", "")


def test_a_closed_pipe_ends_as_sigpipe_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Closed())
    with pytest.raises(SystemExit) as left:
        output.say("x")
    assert left.value.code == output.PIPE_CLOSED == 128 + 13


@pytest.mark.parametrize("status", [output.NO, output.UNUSABLE, output.INTERRUPTED])
def test_a_message_goes_to_stderr_with_its_status(capsys: pytest.CaptureFixture[str], status: int) -> None:
    with pytest.raises(SystemExit) as left:
        output.stop("so nicht", status)
    assert left.value.code == status
    assert capsys.readouterr() == ("", "so nicht\n")


def test_a_message_that_nobody_can_read_still_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(SystemExit) as left:
        output.stop("so nicht")
    assert left.value.code == output.UNUSABLE


@pytest.mark.parametrize(("value", "text"), [(None, "ja"), ("de", "ja"), ("en", "yes")])
def test_the_language_is_german_unless_english_is_set(
    monkeypatch: pytest.MonkeyPatch, value: str | None, text: str
) -> None:
    monkeypatch.delenv("EVA_LANG", raising=False)
    if value is not None:
        monkeypatch.setenv("EVA_LANG", value)
    assert output.in_language("ja", "yes") == text


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(lambda t: t not in {"de", "en"})
)
def test_any_other_language_ends_the_command(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVA_LANG", value)
        patch.setattr(sys, "stderr", io.StringIO())
        with pytest.raises(SystemExit) as left:
            output.language()
        assert left.value.code == output.UNUSABLE
        assert "expected de or en" in sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_at_least_one_core_is_counted() -> None:
    assert output.count_cores() >= 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock that a test sets."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("EVA_LANG", "en")
    return iter([now])  # type: ignore[arg-type]


def test_nobody_watching_gets_a_line_now_and_then_and_one_at_the_end(
    clock: Iterator[list[float]], capsys: pytest.CaptureFixture[str]
) -> None:
    now = next(clock)
    with progress.show_progress(10, "runs") as advance:
        for done in range(1, 11):
            now[0] += 4
            advance(done, "5 m items/s" if done < 10 else "")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "runs: 3/10, 5 m items/s, about 28 s left",
        "runs: 6/10, 5 m items/s, about 16 s left",
        "runs: 9/10, 5 m items/s, about 4 s left",
        "runs: 10/10, about 0 s left",
    ]


def test_nothing_done_yet_is_no_division_by_zero(
    clock: Iterator[list[float]], capsys: pytest.CaptureFixture[str]
) -> None:
    now = next(clock)
    with progress.show_progress(2, "runs") as advance:
        now[0] += 20
        advance(0, "")
    assert capsys.readouterr().err == "runs: 0/2\n"


def test_what_was_kept_says_nothing_of_the_time_left_and_of_the_rate(
    clock: Iterator[list[float]], capsys: pytest.CaptureFixture[str]
) -> None:
    now = next(clock)
    rate = progress.Rate(1e6, "m items/s")
    with progress.show_progress(1000, "runs") as advance:
        for done, items, seconds in ((800, 9_000_000_000, 0.01), (801, 9_002_000_000, 20), (850, 9_100_000_000, 20)):
            now[0] += seconds
            advance(done, rate.write(items))
    assert capsys.readouterr().err.splitlines() == [
        "runs: 801/1,000, 0.1 m items/s",
        "runs: 850/1,000, 2.5 m items/s, about 120 s left",
    ]


def test_counts_and_rates_are_written_as_in_german(
    clock: Iterator[list[float]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = next(clock)
    monkeypatch.setenv("EVA_LANG", "de")
    rate = progress.Rate(1e6, "Mio. Sendungen/s")
    with progress.show_progress(2210, "Durchläufe") as advance:
        for done in (1, 2210):
            now[0] += 20
            advance(done, rate.write(30_000_000 * done))
    assert capsys.readouterr().err.splitlines()[-1].startswith("Durchläufe: 2.210/2.210, 3.313,5 Mio. Sendungen/s")
    with answer._show_runs(quiet=False) as on_progress:
        on_progress(1105, 2210)
    assert "1.105 / 2.210" in capsys.readouterr().err


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.show_progress(2, "runs", quiet=True) as advance:
        advance(2, "done")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("EVA_LANG", "de")
    with progress.show_progress(4, "Durchläufe") as advance:
        advance(4, "7 Mio. Sendungen/s")
    text = terminal.getvalue()
    assert "Durchläufe" in text
    assert "4/4" in text
    assert "noch" in text


def test_the_database_is_that_of_the_option_then_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVA_DATABASE_URL", "sqlite:///env.db")
    assert database_url("sqlite:///option.db") == "sqlite:///option.db"
    assert database_url(None) == "sqlite:///env.db"
    monkeypatch.delenv("EVA_DATABASE_URL")
    assert database_url(None) == "sqlite:///eva.db"


def test_a_missing_database_is_not_created_by_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", "en")
    path = tmp_path / "none.db"
    with pytest.raises(SystemExit) as left, open_engine(f"sqlite:///{path}"):
        raise AssertionError
    assert left.value.code == output.UNUSABLE
    assert capsys.readouterr().err == f"eva: there is no database {path}\n"
    assert not path.exists()
    with open_engine(f"sqlite:///{path}", must_exist=False) as engine:
        assert engine.log.head().position == 0
    assert path.exists()


def test_every_role_but_the_system_is_one_of_people() -> None:
    assert {parse_role(role.value) for role in HUMAN_ROLES} == set(Role) - {Role.SYSTEM}
