"""Questions of planners as jobs: what may be asked, and what a worker leaves of the answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from api.application.run import RequestRun
from api.application.run_events import Other, ScenarioQuestion
from api.server.jobs import questions, worker
from api.server.jobs.shipped_files import load
from simulation.questions import compare as compared
from simulation.questions import sensitivity
from simulation.questions.mixes import reach
from tests.api.server_in_thread import QUICK
from workflow.errors import InvalidCommand

MORE_TEAMS = QUICK + "\nchanges: [{lever: rollout.teams, factor: 2, from: 2022-01-01}]\n"
COMPARE = {"kind": "compare", "others": [{"text": MORE_TEAMS}]}


def make_job(question: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"scenario": None, "text": QUICK, "replications": 2, "scan_replications": None, "seed": 7, "mode": "risk",
            "processes": 1, "cache": None, "question": question, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "says"),
    [({"kind": "compare"}, "at least one other"), ({"kind": "compare", "others": [{}]}, "either `scenario` or `text`"),
     ({"kind": "reach", "deadline": "all-2024"}, "how surely"), ({"kind": "reach", "percent": 80}, "the deadline"),
     ({"kind": "weather"}, "'compare'"), ({"kind": "reach", "deadline": "x", "percent": 100}, "less than"),
     ({"kind": "compare", "others": [{"scenario": "a"}] * 6}, "at most 5")],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_with_the_reason(question: dict[str, Any], says: str) -> None:
    body = {"text": QUICK, "question": question}
    with pytest.raises(ValidationError, match=says):
        RequestRun.model_validate_json(json.dumps(body))


def test_a_question_is_kept_as_it_was_asked() -> None:
    asked = RequestRun.model_validate_json(json.dumps({"text": QUICK, "question": COMPARE})).question
    assert asked is not None
    assert asked.others == (Other(text=MORE_TEAMS),)
    assert ScenarioQuestion.model_validate_json(asked.model_dump_json()) == asked


def test_a_worker_leaves_tables_charts_a_page_and_what_the_answer_says(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(json.dumps(make_job(COMPARE)), encoding="utf-8")
    worker.compute(tmp_path, make_job(COMPARE))
    out = tmp_path / "out"
    said = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert said["question"] == "compare"
    assert said["scenario_hash"] == load(None, QUICK)[0].digest
    assert said["sentences"][0]["de"]
    assert said["sentences"][0]["en"]
    for table in said["tables"]:
        assert {f"{table['name']}.{kind}" for kind in ("csv", "parquet", "xlsx")} <= {one.name for one in out.iterdir()}
        assert all(column["heading"]["de"] for column in table["columns"])
    for chart in said["charts"]:
        assert {f"{chart['name']}.{language}.svg" for language in ("de", "en")} <= {one.name for one in out.iterdir()}
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")
    progress = json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))
    assert progress["done"] == progress["total"] == 4, "two runs of each scenario"
    assert {table.name for table in (compared.COMPARE, compared.RANKING)} == {one["name"] for one in said["tables"]}


@pytest.mark.parametrize(
    ("question", "says"),
    [({"kind": "compare", "others": [{"text": QUICK}]},
      ("zwei der Szenarien sind dasselbe", "two of the scenarios are the same")),
     ({"kind": "reach", "deadline": "never", "percent": 50}, ("unbekannte Frist „never“", "unknown deadline `never`")),
     ({"kind": "sensitivity", "outcome": "weather"}, ("unbekannte Größe „weather“", "unknown outcome `weather`"))],
)  # fmt: skip
@pytest.mark.usefixtures("alone")
def test_what_cannot_be_answered_is_given_up_with_a_sentence_in_both_languages(
    tmp_path: Path, question: dict[str, Any], says: tuple[str, str]
) -> None:
    (tmp_path / "job.json").write_text(json.dumps(make_job(question)), encoding="utf-8")
    assert worker.main(tmp_path) == worker.UNUSABLE
    told = json.loads((tmp_path / "fault.json").read_text(encoding="utf-8"))
    assert told["de"].startswith(says[0])
    assert told["en"].startswith(says[1])
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("alone")
def test_a_fault_of_the_program_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a crash, which is tried again and reported, and not told to be the planner's fault."""

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("a fault of ours")

    (tmp_path / "job.json").write_text(json.dumps(make_job(COMPARE)), encoding="utf-8")
    monkeypatch.setattr(compared, "compare", fail)
    with pytest.raises(ValueError, match="a fault of ours"):
        worker.main(tmp_path)
    assert not (tmp_path / "fault.json").exists()


def request(question: dict[str, Any], **more: Any) -> RequestRun:
    return RequestRun.model_validate_json(json.dumps({"text": QUICK, "question": question, **more}))


REACH, SENSITIVITY = {"kind": "reach", "deadline": "all-2024", "percent": 80}, {"kind": "sensitivity"}


@pytest.mark.parametrize(
    ("question", "more", "places"),
    [(SENSITIVITY, {"replications": 5}, ["/replications"]), (REACH, {"replications": 9}, ["/replications"]),
     (COMPARE, {"replications": 1}, ["/replications"]), (SENSITIVITY, {"mode": "plan"}, ["/mode"]),
     (COMPARE, {"scan_replications": 3}, ["/scan_replications"]),
     ({**SENSITIVITY, "deadline": "all-2024", "percent": 50}, {}, ["/question/deadline", "/question/percent"]),
     ({**REACH, "outcome": "users.e_akte.2023"}, {}, ["/question/outcome"]),
     ({**COMPARE, "percent": 50}, {}, ["/question/percent"]),
     ({**SENSITIVITY, "others": [{"text": MORE_TEAMS}]}, {}, ["/question/others"])],
)  # fmt: skip
def test_what_a_question_does_not_take_is_refused_with_its_place(
    question: dict[str, Any], more: dict[str, Any], places: list[str]
) -> None:
    with pytest.raises(InvalidCommand) as no:
        questions.complete(request(question, **more))
    assert [pointer for pointer, _ in no.value.faults] == places


@pytest.mark.parametrize(
    ("question", "more", "number"),
    [(SENSITIVITY, {}, 4), (REACH, {}, 100), (COMPARE, {}, 1000), (SENSITIVITY, {"replications": 1}, 1),
     (REACH, {"replications": 10}, 10), (COMPARE, {"replications": 1000}, 1000)],
)  # fmt: skip
def test_a_question_has_as_many_replications_as_it_says(
    question: dict[str, Any], more: dict[str, Any], number: int
) -> None:
    assert questions.complete(request(question, **more)).replications == number


def test_as_many_replications_as_were_asked_for_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    played = []
    for module, name, field in ((sensitivity, "analyse_sensitivity", "runs"), (reach, "reach", "replications")):
        monkeypatch.setattr(module, name, lambda *_, field=field, **how: played.append(how[field]))
    for question, number in ((SENSITIVITY, 3), (REACH, 12)):
        questions.answer(make_job(question, replications=number), lambda _done, _wanted: None)
    assert played == [3, 12]


def test_the_others_of_a_question_are_read_as_the_scenario_is() -> None:
    answered, scenario = questions.answer(make_job(COMPARE), lambda _done, _wanted: None)
    assert answered.name == "compare"
    assert scenario.spec.name == "little-mail"
    assert answered.summary["replications"] == 2
