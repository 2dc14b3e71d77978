"""A table of the terminal is as wide as there is room, and nothing of it is cut or broken within a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from simulation.report.fitting_table import FittingTable

HEADINGS = ("", "abgeschlossen", "offen am Ende", "Bemerkung")
ROWS = [("Anhörung der Träger öffentlicher Belange", "1.234", "7", "ein Satz, der umbrochen werden darf"),
        ("alle", "1.234.567", "32\N{NARROW NO-BREAK SPACE}%", "")]  # fmt: skip


def show(width: int, title: str = "Je Art") -> list[str]:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(FittingTable(title, HEADINGS, ROWS, texts=(3,)))
    return captured.get().splitlines()


def test_where_there_is_room_a_row_is_a_line() -> None:
    assert [line.split("  ")[0] for line in show(200)][-2:] == [ROWS[0][0], "alle"]


@pytest.mark.parametrize("width", range(24, 130))
def test_every_word_is_whole_and_no_line_too_wide(width: int) -> None:
    lines = show(width)
    assert max(map(len, lines)) <= width
    told = " ".join(lines).split()
    for cell in (*HEADINGS, *(cell for row in ROWS for cell in row)):
        assert {word.rstrip(",;") for word in cell.split()} <= {word.rstrip(",;") for word in told}, lines


def test_where_there_is_too_little_a_row_is_told_below_its_name() -> None:
    assert [line.rstrip() for line in show(41)] == [
        "Je Art", "Anhörung der Träger öffentlicher Belange", "    abgeschlossen 1.234; offen am Ende 7;",
        "    Bemerkung ein Satz, der umbrochen", "    werden darf", "alle",
        "    abgeschlossen 1.234.567; offen am", "    Ende 32\N{NARROW NO-BREAK SPACE}%",
    ]  # fmt: skip


@given(st.lists(st.lists(st.text(st.characters(codec="latin-1", categories=("L", "N")), max_size=12), min_size=4,
                         max_size=4), max_size=3), st.integers(30, 60))  # fmt: skip
def test_any_cells_fit(rows: list[list[str]], width: int) -> None:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(FittingTable("", HEADINGS, rows))
    text = captured.get()
    assert "…" not in text
    assert all(cell in text for row in rows for cell in row)
