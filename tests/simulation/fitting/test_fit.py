"""What is known of a simulated office comes back from its log in every format; what other systems write is read."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scenarios import FOLDER
from simulation.casework.simulate import Run, simulate
from simulation.event_logs.ocel import write_json
from simulation.event_logs.read import read_event_log
from simulation.event_logs.table import write_csv
from simulation.event_logs.traces import read_traces
from simulation.event_logs.xes import write_xes
from simulation.fitting.fit import Fit, NothingToFit, fit
from simulation.inputs.faults import UnusableInput
from simulation.loading.load_casework import load_casework
from simulation.scenario.casework import CaseworkScenario, dump
from simulation.scenario.figures import find_figures
from workflow.engine.store.log import Log

BASE = load_casework(FOLDER / "casework" / "small-office.yaml")[0].scenario
ROUTE = ["co_sign", "comment", "final_sign", "dispatch"]
KNOWN = {
    "staff.absent": 0.0, "staff.part_time": 0.0, "staff.new_to_it": 0.0, "staff.for_casework": 1.0,
    "work.kinds.funding.per_day": 6.0, "work.kinds.funding.further_slip": 0.2,
    "work.kinds.funding.draft.minutes": 12.0,
    "handling.stations.co_sign.lies.days": 0.6, "handling.stations.comment.lies.days": 0.4,
    "handling.stations.final_sign.lies.days": 0.7, "handling.stations.comment.touch.minutes": 20.0,
    "handling.choices.refuse": 0.08,
}  # fmt: skip


def fix(node: Any) -> None:
    """Every figure is certain, so that no replication draws another."""
    if isinstance(node, dict):
        if "basis" in node and "value" in node:
            node["low"] = node["high"] = node["value"]
        for inner in node.values():
            fix(inner)
    for inner in node if isinstance(node, list) else ():
        fix(inner)


def make_known() -> CaseworkScenario:
    """One kind of work, three times the people, so that hardly anything waits for anything else."""
    content = dump(BASE.with_values(KNOWN))
    content["work"]["kinds"] = content["work"]["kinds"][:1]
    kind = content["work"]["kinds"][0]
    kind["route"] = [{"kind": one, "who": "head" if one == "final_sign" else "colleague"} for one in ROUTE]
    kind["units"] = None
    kind["deadline_days"]["value"] = 15
    for unit in content["staff"]["units"]:
        unit["staff"]["value"] *= 3
    content["staff"]["total"]["value"] *= 3
    content["horizon"]["end"] = "2020-11-06"
    fix(content)
    return CaseworkScenario.model_validate_json(json.dumps(content))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the log of the known office in every format."""
    folder = tmp_path_factory.mktemp("known")
    url = f"sqlite:///{folder}/eva.db"
    simulate(make_known(), 3, Run(1, url=url))
    log = Log(url, read_only=True)
    lines = (json.dumps(row._asdict()) + "\n" for row in log.read_all())
    for name, text in (("log.jsonl", lines), ("log.json", write_json(log.read_all())),
                       ("log.xes", write_xes(read_traces(log))), ("log.csv", write_csv(read_traces(log)))):  # fmt: skip
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(text)
    log.close()
    return folder


@pytest.fixture(scope="module")
def fitted(written: Path) -> Fit:
    return fit(read_event_log(written / "log.jsonl"), BASE)


def values(found: Fit) -> dict[str, Any]:
    return {path.replace("route-1", "funding"): figure for path, figure, _ in find_figures(found.scenario)}


def test_the_intervals_cover_what_is_known_as_often_as_they_say(fitted: Fit) -> None:
    found = values(fitted)
    known = {path: figure.value for path, figure, _ in find_figures(make_known())}
    compared = {
        path: figure for path, figure in found.items()
        if figure.basis == "fitted" and path in known and figure.low < figure.high and "file" not in path
    }  # fmt: skip
    assert len(compared) >= 24
    outside = {p: (known[p], f.low, f.high) for p, f in compared.items() if not f.low <= known[p] <= f.high}
    assert len(outside) <= 0.12 * len(compared), outside
    for path, figure in compared.items():
        assert figure.high - figure.low < 6 * max(known[path], 0.02), path
        wrong = not figure.low <= known[path] * 2.5 <= figure.high
        assert wrong or known[path] < 0.03, path  # an interval so wide would cover anything


def test_what_is_counted_is_exact(fitted: Fit) -> None:
    found, known = values(fitted), make_known()
    assert found["staff.total"].value <= known.staff.total.value
    assert [kind.route for kind in fitted.scenario.work.kinds[:1]] == [known.work.kinds[0].route]
    assert fitted.left_out == 0
    assert fitted.aic["co_sign touch"]["lognorm"] == min(fitted.aic["co_sign touch"].values())


def test_every_format_gives_the_same_figures(written: Path, fitted: Fit) -> None:
    expected = {path: (f.value, f.low, f.high, f.basis) for path, f in values(fitted).items()}
    for name in ("log.json", "log.xes", "log.csv"):
        found = fit(read_event_log(written / name), BASE)
        assert {path: (f.value, f.low, f.high, f.basis) for path, f in values(found).items()} == expected, name


def test_the_command_writes_a_scenario_that_is_accepted_and_can_be_simulated(
    written: Path, eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", "en")
    out = tmp_path / "fitted.yaml"
    done = eva("fit", written / "log.xes", "--out", out)
    assert done.status == 0
    assert " figures fitted, " in done.out
    assert eva("check", out).status == 0
    scenario = load_casework(out)[0].scenario
    content = (written / "log.xes").read_bytes()
    hashed = sha256(content).hexdigest()
    for _, figure, _ in find_figures(scenario):
        assert (figure.basis == "fitted") == (hashed in figure.source)
    assert simulate(scenario.model_copy(update={"horizon": scenario.horizon.model_copy(
        update={"end": scenario.horizon.start.replace(day=9)})}), 1, Run(1)).commands > 50  # fmt: skip
    assert eva("fit", written / "log.xes").out == out.read_text(encoding="utf-8")


FOREIGN = "case:concept:name,concept:name,org:resource,time:timestamp,lifecycle:transition\n" + "".join(
    f"{case},{activity},{who},2020-10-{5 + case % 5:02d}T{hour:02d}:{minute:02d}:00,{transition}\n"
    for case in range(10)
    for activity, who, hour, minute, transition in (
        ("Antrag prüfen", "a", 9, 0, "start"), ("Antrag prüfen", "a", 9, 10 + case, "complete"),
        ("Genehmigung", "b", 10, 10 + case, "start"), ("Genehmigung", "b", 10, 40 + case, "complete"),
    )
)  # fmt: skip


def test_a_log_of_another_system_is_read_by_its_words(tmp_path: Path) -> None:
    """Ten cases: looked at in 10 to 19 minutes, an hour's wait, approved in 30 minutes."""
    path = tmp_path / "foreign.csv"
    path.write_text(FOREIGN, encoding="utf-8")
    found = fit(read_event_log(path), BASE)
    assert found.mapped == {"Antrag prüfen": "comment", "Genehmigung": "approve"}
    figures = values(found)
    assert figures["handling.stations.approve.touch.minutes"].value == pytest.approx(30)
    assert figures["handling.stations.comment.touch.minutes"].value == pytest.approx(14.2, abs=0.1)
    assert figures["handling.stations.approve.lies.days"].value == pytest.approx(1 / 8.2, rel=0.01)
    assert figures["staff.total"].value == 2
    assert figures["work.kinds.funding.per_day"].value == pytest.approx(10 / 5)
    assert [step.kind for step in found.scenario.work.kinds[0].route] == ["comment", "approve"]
    assert figures["handling.choices.refuse"].basis == "assumed"  # a log without results says nothing of refusals


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("case,activity\n1,a\n", ":1:1: no column timestamp"),
        ("case,activity,timestamp\n1,,2020-10-01\n", ":2:1: a row without"),
        ("<log><trace></log>", ":1:15: no XML"),
        ('{"objects": []}', ":1:1: not as OCEL 2.0 has it"),
        ('{"position": 1, "payload_digest": ""}', ":1:1: no event as `eva log export` writes it"),
        ("case,activity,timestamp\n", ":1:1: no case"),
    ],
)
def test_a_broken_log_is_named_with_its_place(text: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.log"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput) as wrong:
        read_event_log(path)
    assert place in str(wrong.value.faults[0])


def test_a_log_in_which_nothing_is_done_and_times_that_are_none_are_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("case,activity,timestamp\n1,a,yesterday\n", encoding="utf-8")
    with pytest.raises(NothingToFit, match="yesterday"):
        fit(read_event_log(path), BASE)
