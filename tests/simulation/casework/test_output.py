"""What is shown of a result, in both languages, from tables made up for it."""

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scenarios import FOLDER
from simulation.casework.casework import Casework, _put_together
from simulation.casework.measures import Figures
from simulation.casework.output import words
from simulation.casework.output.terminal import render
from simulation.casework.output.write import check_place, render_page, write_casework
from simulation.loading.load_casework import load_casework
from tests.simulation.casework.test_measures import make_outcome

LOADED = load_casework(FOLDER / "nrw" / "model-ministry.yaml")[0]


def make_result() -> Casework:
    """Two replications of a ministry in which next to nothing happened."""
    from simulation.casework.measures import measure
    from simulation.casework.workplace import Run

    found: list[Figures] = []
    for number in (1, 2):
        for on_paper in (False, True):
            outcome: Any = make_outcome()
            outcome.scenario = LOADED.scenario
            for slip in outcome.trace.slips:
                slip.kind, slip.unit = "funding", "ref-11"
                slip.under_way += 3.0 * on_paper + number
            found.append(measure(outcome, Run(number, on_paper)))
    return _put_together(LOADED, 1, found)


RESULT = make_result()


@pytest.mark.parametrize(("language", "says"), [("de", "Förderantrag"), ("en", "Funding application")])
def test_the_terminal_names_kinds_bounds_and_gain(language: str, says: str) -> None:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(render(RESULT, language))
    text = captured.get()
    assert says in text
    assert "0/2" in text  # three records are none of the 6,000
    assert "F135" in text
    assert ("3,00" if language == "de" else "3.00") in text  # what paper takes longer
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_is_cut_in_a_narrow_terminal(language: str, width: int) -> None:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(render(RESULT, language))
    text = captured.get()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    headings = [measure.heading.get(language) for measure in (*words.KINDS, *words.PEOPLE, *words.PAPER)]
    assert {word for heading in headings for word in heading.split()} <= {word.rstrip(";") for word in text.split()}


def test_the_page_says_the_gain_the_bounds_and_every_assumption_in_both_languages() -> None:
    page = render_page(RESULT, "de")
    for text in ("Förderantrag", "Funding application", "Leadership", "3,00", "3.00", "--relieve", "F131"):
        assert text in page, text
    assert page.count('<tr class="assumed">') > 60
    assert page.count('<tr class="report">') >= 3


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.2, 0.8, "3 runs show neither gain nor loss"), (0.0, 0.8, "3 runs show neither gain nor loss"),
        (0.1, 0.8, "3 runs show a gain"), (-0.8, -0.1, "3 runs show a loss"), (None, None, "one run does not tell"),
    ],
)  # fmt: skip
def test_what_a_difference_shows_is_said(low: float | None, high: float | None, said: str) -> None:
    assert words.say_gain({"gain_low": low, "gain_high": high}, 3).en.startswith(said)


def test_every_measure_has_its_column() -> None:
    shown = {
        "units": words.UNITS, "kinds": words.KINDS, "stations": words.STATIONS, "people": words.PEOPLE,
        "paper": words.PAPER, "relief": words.RELIEF,
    }  # fmt: skip
    for table, measures in shown.items():
        assert {one.name for one in measures} <= set(RESULT[table].columns), table


def test_a_folder_of_something_else_is_left_alone(tmp_path: Any) -> None:
    (tmp_path / "users.csv").write_text("a forecast", encoding="utf-8")
    with pytest.raises(FileExistsError, match="no casework"):
        write_casework(RESULT, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["users.csv"]
    fresh = tmp_path / "new"
    write_casework(RESULT, fresh)
    check_place(fresh)
    write_casework(RESULT, fresh)
    assert (fresh / "paper.csv").read_text(encoding="utf-8").startswith("kind,before,after,gain,gain_low,gain_high\n")


def test_a_write_that_fails_half_way_changes_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write_casework(RESULT, tmp_path)
    (tmp_path / "units.csv").write_text("as it was", encoding="utf-8")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    rename = Path.rename

    def fails_at_the_last(self: Path, target: Path) -> Path:
        if self.name == "units.csv" and self.parent.name == "new":
            raise OSError("no space left")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_at_the_last)
    with pytest.raises(OSError, match="no space left"):
        write_casework(RESULT, tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
