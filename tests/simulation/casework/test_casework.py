"""`eva casework`: scenario files and their faults, figures over replications, what relief is worth."""

import gc
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from api.cli import main as command_line
from scenarios import FOLDER
from simulation.casework.casework import KEYS, WRITTEN, adapt, casework, relieve
from simulation.casework.people.office import Office
from simulation.casework.people.staff import Team, hire
from simulation.casework.simulate import MADE_BETWEEN, simulate
from simulation.casework.workplace import Run
from simulation.inputs.faults import UnusableInput
from simulation.loading.load_casework import load_casework
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.figures import find_figures
from workflow.organisation.working_days import ONE_DAY, is_working

SMALL = FOLDER / "casework" / "small-office.yaml"
MINISTRY = FOLDER / "nrw" / "model-ministry.yaml"


def spoil(folder: Path, old: str, new: str) -> Path:
    text = SMALL.read_text(encoding="utf-8")
    assert old in text
    file = folder / "spoilt.yaml"
    text = text.replace(old, new, 1).replace("../nrw/", "nrw/")
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("total: {value: 20,", "total: {value: 21,", ":11:18: `staff.total`: value 21 lies outside its range 20 to 20"),
        ("value: 8, basis: assumed, source: an example, low: 8, high: 8",
         "value: 9, basis: assumed, source: an example, low: 9, high: 9",
         ":11:18: the units have 21 staff together, not 20; equal totals"),
        ("parent: leitung", "parent: nirgends", "`nirgends` is no unit"),
        ("{id: leitung,", "{id: leitung, parent: fach,", "unit `leitung` belongs to itself"),
        ("units: [fach]", "units: [fisch]", "`fisch` is no unit"),
        ("{id: zentrale,", "{id: leitung,", "unit `leitung` stands here twice"),
        ("id: parliament", "id: funding", "kind of work `funding` stands here twice"),
        ("approvers: {value: 2, basis: assumed, source: an example, low: 2, high: 2}",
         "approvers: {value: 11, basis: assumed, source: an example, low: 11, high: 11}",
         "one or more of the staff are approvers"),
        ("known_work: []", "known_work: []\ntimer_minutes: 0", "`timer_minutes`: 0"),
        ("{kind: final_sign, who: head}", "{kind: final_sign, who: everybody}", "everybody can only take note"),
        ("staff:", "paper: {transport_days: {value: 1, basis: report, source: somewhere}}\nstaff:", "needs a fact id"),
        ("{kind: co_sign, unit: zentrale}", "{kind: co_sign, unit: zentrum}", "`zentrum` is no unit"),
        ("{kind: co_sign, who: colleague}", "{kind: co_sign}", "give `kind` and either `who` or `unit`"),
        ("{kind: dispatch, who: colleague}", "{kind: co_sign, who: colleague}", "comes before `final_sign`"),
        ("{kind: dispatch, who: colleague}", "{kind: sign, who: colleague}", "one of co_sign"),
        ("channel: digital", "chanel: digital", "unknown key `chanel`; `channel`?"),
        ("kind: casework", "kind: rollout", "no casework scenario; `kind: casework`"),
        ("end: 2020-12-31", "end: 2029-12-31", "a horizon of more than three years"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(UnusableInput) as told:
        load_casework(spoil(tmp_path, old, new))
    assert says in str(told.value)
    assert all(fault.place.line > 1 or "rollout" in new for fault in told.value.faults)


def test_faults_of_form_and_of_what_names_what_are_told_at_once(tmp_path: Path) -> None:
    path = spoil(tmp_path, "{kind: co_sign, unit: zentrale}", "{kind: co_sign, unit: zentrum}")
    text = path.read_text(encoding="utf-8").replace("id: parliament", "id: funding", 1)
    text = text.replace("approvers: {value: 2,", "approvers: {value: 11,", 1)  # outside its range
    text = text.replace("{kind: dispatch, who: colleague}", "{kind: sign, who: colleague}", 1)
    path.write_text(text.replace("channel: digital", "chanel: digital", 1), encoding="utf-8")
    with pytest.raises(UnusableInput) as told:
        load_casework(path)
    found = sorted(fault.wrong.en for fault in told.value.faults)
    assert found == [
        "`staff.units.2.approvers`: value 11 lies outside its range 2 to 2",
        "`work.kinds.0.route.3.kind`: sign",
        "`zentrum` is no unit",
        "kind of work `funding` stands here twice",
        "unknown key `chanel`",
    ]


def test_check_and_schema_know_casework(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["eva", "check", str(MINISTRY)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 0
    assert "539 Personen in 57 Einheiten" in capsys.readouterr().out


def test_the_model_ministry_expects_what_the_report_says() -> None:
    """Expected records and slips by hand: arrivals times working days, further slips as a geometric series."""
    spec = load_casework(MINISTRY)[0].scenario
    assert sum(unit.staff.value for unit in spec.staff.units) == spec.staff.total.value == 539
    records, slips = expect(spec)
    known = {one.measure: (one.at_least.value, one.at_most.value) for one in spec.known_work}
    assert known == {"records": (6000, 7500), "routing_slips": (10000, 15000)}
    assert 6000 + 5 * 6000**0.5 < records < 7500 - 5 * 7500**0.5
    assert 10000 + 5 * 10000**0.5 < slips < 15000
    for path, figure, _ in find_figures(spec):
        assert figure.source, path


def expect(spec: CaseworkScenario) -> tuple[float, float]:
    day, factors = spec.horizon.start, [figure.value for figure in spec.work.weekdays]
    weight = 0.0
    while day <= spec.horizon.end:
        weight += 5 * factors[day.weekday()] / sum(factors) if is_working(day) else 0.0
        day += ONE_DAY
    kinds = spec.work.kinds
    records = weight * sum(kind.per_day.value * kind.new_record.value for kind in kinds)
    return records, weight * sum(kind.per_day.value / (1 - kind.further_slip.value) for kind in kinds)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Six weeks in which the one who signs for the central services has far too much to do."""
    file = tmp_path_factory.mktemp("crowded") / "crowded.yaml"
    minutes = "{value: 110, basis: assumed, source: an example, low: 110, high: 110}"
    file.write_text(
        "extends: casework/small-office.yaml\nkind: casework\nhandling:\n  stations:\n    co_sign:\n      touch:\n"
        f"        minutes: {minutes}\n", encoding="utf-8",
    )  # fmt: skip
    return adapt(load_casework(file)[0], "landesamt", 42)


def test_figures_do_not_depend_on_workers_and_relief_is_worth_something(crowded: Any) -> None:
    one = casework(crowded, replications=2, seed=3, workers=1, paper=True, relieved=["zentrale"])
    two = casework(crowded, replications=2, seed=3, workers=2, paper=False)
    for table in KEYS:
        assert_frame_equal(one[table], two[table])
    assert one.summary["log"] == two.summary["log"]
    (relief,) = one["relief"].to_dicts()
    assert relief["gain"] > 0.2
    whole = one["paper"].filter(pl.col("kind") == "-").to_dicts()[0]
    assert whole["gain"] == pytest.approx(whole["before"] - whole["after"])
    assert whole["gain_low"] < whole["gain"] < whole["gain_high"]
    units = one["units"].filter((pl.col("month") == "-") & (pl.col("unit") != "-"))
    total = one["units"].filter((pl.col("month") == "-") & (pl.col("unit") == "-"))
    for name in ("cases", "records", "slips", "completed", "open", "overdue", "refusals"):
        assert units[name].sum() == pytest.approx(total[name][0]), name
    assert one["hours"]["commands"].sum() == pytest.approx(
        sum(row["commands"] for row in one["hours"].to_dicts() if 0 <= row["hour"] <= 17)
    )


def test_relief_adds_one_person_and_changes_nobody_else(crowded: Any) -> None:
    streams = Streams(3, 1)
    before, after = hire(crowded.scenario, streams), hire(relieve(crowded.scenario, "zentrale"), streams)
    for unit, team in before.items():
        people = after[unit].people[: len(team.people)]
        assert [(one.id, one.approver, one.absences) for one in people] == [
            (one.id, one.approver, one.absences) for one in team.people
        ]
        (*_, last) = after[unit].people
        assert len(after[unit].people) - len(team.people) == (unit == "zentrale") == (last not in people)
        assert unit != "zentrale" or last.approver


def test_the_command_writes_tables_and_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    arguments = ["casework", str(SMALL), "--days", "14", "--replications", "1", "--workers", "1", "--authority", "amt"]
    monkeypatch.setattr("sys.argv", ["eva", *arguments, "--out", str(out), "--json"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["authority"], summary["end"]) == ("amt", "2020-10-14")
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == summary
    for table in WRITTEN:
        assert_frame_equal(pl.read_csv(out / f"{table}.csv").select(pl.len()),
                           pl.read_parquet(out / f"{table}.parquet").select(pl.len()))  # fmt: skip
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'lang="de"' in page
    assert "http" not in page.replace("http-equiv", "")
    for section in ("months", "kinds", "paper", "queues", "hours", "units", "assumptions"):
        assert f'id="{section}"' in page


def test_a_log_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "eva.db"
    there.write_text("mine", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["eva", "casework", str(SMALL), "--log", str(there)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 2
    assert there.read_text(encoding="utf-8") == "mine"


def test_the_garbage_collector_looks_seldom_from_the_entry_of_the_staff_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, enter = list[int](), Office.open

    def look(office: Office, teams: dict[str, Team]) -> None:
        seen.append(gc.get_threshold()[0])
        enter(office, teams)

    monkeypatch.setattr(Office, "open", look)
    before = gc.get_threshold()
    simulate(adapt(load_casework(SMALL)[0], days=3).scenario, 1, Run(1))
    assert seen == [MADE_BETWEEN]
    assert gc.get_threshold() == before
