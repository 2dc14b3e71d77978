"""What people may do beside signing, each made certain for once, and what the log then shows."""

from collections import Counter
from typing import Any

import pytest

from scenarios import FOLDER
from simulation.casework.casework import adapt
from simulation.casework.simulate import Outcome, simulate
from simulation.casework.workplace import Run
from simulation.loading.load_casework import load_casework
from simulation.scenario.casework import CaseworkScenario
from workflow.engine.store.log import Log

NONE = dict.fromkeys(("refuse", "insert", "forward", "delegate", "recall", "misdirect"), 0.0)
DAYS = 21


def make(**choices: float) -> CaseworkScenario:
    """Three weeks in which everybody is there, nobody is slow, and only the choices named are made."""
    spec = adapt(load_casework(FOLDER / "casework" / "small-office.yaml")[0], days=DAYS).scenario
    values = {f"handling.choices.{name}": value for name, value in {**NONE, **choices}.items()}
    values |= {"staff.absent": 0.0, "staff.part_time": 0.0, "staff.new_to_it": 0.0}
    fixed = spec.with_values(values)
    return fix(fixed, values)


def fix(spec: CaseworkScenario, values: dict[str, float]) -> CaseworkScenario:
    """With figures that are certain: their range is their value."""
    text = spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    for path, value in values.items():
        node: Any = text
        for part in path.split("."):
            node = node[part]
        node |= {"value": value, "low": value, "high": value}
    import json

    return CaseworkScenario.model_validate_json(json.dumps(text))


def play(tmp_path: Any, **choices: float) -> tuple[Outcome, Counter[str], list[Any]]:
    """The outcome, how often each event came, and the log."""
    url = f"sqlite:///{tmp_path}/eva.db"
    outcome = simulate(make(**choices), 5, Run(1, url=url))
    log = Log(url, read_only=True)
    rows = list(log.read_all())
    log.close()
    return outcome, Counter(row.type for row in rows), rows


def test_without_choices_every_slip_runs_once(tmp_path: Any) -> None:
    outcome, events, rows = play(tmp_path)
    started = events["slip.started"]
    assert started == len(outcome.trace.slips) > 15
    assert not {"slip.returned", "slip.stations_inserted", "slip.station_delegated", "slip.recalled"} & set(events)
    assert events["mail.item_misdirected"] == events["staff.deputy_appointed"] == 0
    assert outcome.refused == {}
    assert events["slip.completed"] == sum(slip.turnaround is not None for slip in outcome.trace.slips)
    assert {row.actor for row in rows if row.type == "slip.station_done"} <= {person.id for person in outcome.people}


def test_all_who_refuse_bring_the_slip_back_again_and_again(tmp_path: Any) -> None:
    outcome, events, rows = play(tmp_path, refuse=1.0)
    assert events["slip.completed"] == 0
    assert events["slip.returned"] > 10
    assert events["slip.started"] - len(outcome.trace.slips) == sum(slip.reruns for slip in outcome.trace.slips) > 5
    refused = [row for row in rows if row.type == "slip.station_done" and '"refused"' in (row.payload or "")]
    assert len(refused) == sum(slip.refusals for slip in outcome.trace.slips)


def test_one_station_more_is_put_into_every_slip_once(tmp_path: Any) -> None:
    outcome, events, _ = play(tmp_path, insert=1.0)
    slips = len(outcome.trace.slips)
    assert 0.5 * slips < events["slip.stations_inserted"] <= slips
    assert events["slip.completed"] > 0


def test_who_is_not_competent_passes_it_on_to_somebody_of_the_unit(tmp_path: Any) -> None:
    """A small probability: if all passed everything on, nothing would ever be signed."""
    outcome, events, rows = play(tmp_path, forward=0.5)
    passed = [row for row in rows if row.type == "slip.station_done" and '"not_competent"' in (row.payload or "")]
    assert len(passed) == events["slip.stations_inserted"] > 5
    assert events["slip.completed"] > 0
    assert all(slip.refusals == 0 for slip in outcome.trace.slips)


def test_delegation_leaves_the_station_and_changes_who_has_it(tmp_path: Any) -> None:
    outcome, events, _ = play(tmp_path, delegate=0.5)
    assert events["slip.station_delegated"] > 10
    assert events["slip.stations_inserted"] == 0
    assert events["slip.completed"] > 0
    assert not [why for why in outcome.refused if "circulating" in why]


def test_what_is_recalled_comes_back_and_starts_again(tmp_path: Any) -> None:
    outcome, events, _ = play(tmp_path, recall=1.0)
    assert events["slip.recalled"] > 5
    reruns = sum(slip.reruns for slip in outcome.trace.slips)
    assert 0 < reruns <= events["slip.recalled"]
    assert sum(slip.refusals for slip in outcome.trace.slips) == 0


def test_misdirected_mail_is_assigned_anew_once(tmp_path: Any) -> None:
    outcome, events, rows = play(tmp_path, misdirect=1.0)
    folders = {row.stream for row in rows if row.type == "mail.item_misdirected"}
    assert events["mail.item_misdirected"] == len(folders) > 10
    assert events["mail.item_assigned"] > events["mail.item_misdirected"]
    assert events["mail.item_filed"] > 0
    assert events["mail.item_misdirected"] == sum(
        n for (_, what), n in outcome.trace.kinds.items() if what == "misdirected"
    )


@pytest.mark.parametrize("on_paper", [False, True])
def test_paper_goes_one_after_another_and_takes_longer(on_paper: bool) -> None:
    outcome = simulate(make(), 5, Run(1, on_paper))
    days = [slip.under_way for slip in outcome.trace.slips]
    mean = sum(days) / len(days)
    assert mean > 4.5 if on_paper else mean < 6.5
    other = simulate(make(), 5, Run(1, not on_paper)).trace.slips
    opposite = sum(slip.under_way for slip in other) / len(other)
    assert (mean > opposite) is on_paper
