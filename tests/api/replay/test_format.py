"""A tester writes a file: what is wrong with it is told with line and column, and the schema knows what is right."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api.replay.file.check import load_checked
from api.replay.file.format import to_instant
from api.replay.file.json_schema import replay_schema
from api.replay.run.jobs import find_files
from simulation.inputs.faults import UnusableInput
from simulation.inputs.yaml_file import read_yaml
from tests.api.replay.conftest import HEAD

REPLAYS = Path(__file__).parents[3] / "scenarios" / "replays"
RECORD = '  - {create: record, as: mueller, id: akte, with: {title: Akte, file_plan_code: "43.21"}}\n'


def steps(*lines: str) -> str:
    return "steps:\n" + RECORD + "".join(f"  - {line}\n" for line in lines)


FAULTS = [
    ("{do: work, on: akte, as: mueller, colour: red}", "9:39: unknown key `colour`"),
    ("{do: work, on: akte, as: mueller, expcet: {}}", "`expect`?"),
    ("{do: work, on: akte, as: mueller, expect: {stat: closed}}", "9:48: unknown key `stat`; `state`?"),
    ("{do: wrok, on: akte, as: mueller}", "9:10: record knows no action `wrok`; `work`?"),
    ("{do: fall_due, on: akte, as: mueller}", "9:10: `fall_due` happens by itself; let time pass"),
    ("{do: work, on: atke, as: mueller}", "9:20: nothing is called `atke`; `akte`?"),
    ("{do: work, on: akte, as: miller}", "9:30: no actor is called `miller`; `mueller`?"),
    ("{do: work, on: akte, as: mueller, for: nobody}", "no actor is called `nobody`"),
    ("{do: work, on: akte}", "`do` needs `as`"),
    ("{do: work, as: mueller}", "`do` needs `on`"),
    ("{do: work, create: record, on: akte, as: mueller}", "exactly one of create, do, look"),
    ("{as: mueller}", "found none"),
    ("{do: work, on: akte, as: mueller, id: neu}", "9:43: id `neu` is not used"),
    ("{do: work, on: akte, as: mueller, id: neu}", "`work` creates nothing"),
    ("{do: add_case, on: akte, as: mueller, id: akte, with: {title: x}}", "`akte` stands for something else already"),
    ("{do: work, on: akte, as: mueller, with: {nonsense: 1}}", "9:46: `work` takes no `nonsense`"),
    ("{do: add_case, on: akte, as: mueller}", "`title` is missing in `with`"),
    ("{do: hold, on: akte, as: mueller, with: {reason: 3}}", "9:54: `reason`:"),
    ("{do: work, on: akte, as: mueller, with: {case: vorgang}}", "nothing is called `vorgang`"),
    ("{do: work, on: akte, as: mueller, expect: {state: shut}}", "9:55: record has no state `shut`"),
    ("{do: work, on: akte, as: mueller, expect: {state: deleted}}", "`work` never leads to `deleted`; one of in_work"),
    ("{do: work, on: akte, as: mueller, expect: {events: [record.wroked]}}", "no event is called `record.wroked`"),
    ("{do: work, on: akte, as: mueller, expect: {allowed: [sign]}}", "record knows no action `sign`"),
    ("{do: work, on: akte, as: mueller, expect: {allowed: {}}}", "says nothing"),
    ("{do: work, on: akte, as: mueller, expect: {allowed: {includes: [work], excludes: [work]}}}", "cannot be both"),
    ("{do: work, on: akte, as: mueller, expect: {error: 200}}", "no request is refused with 200"),
    ("{do: work, on: akte, as: mueller, expect: {error: 409, events: [record.worked]}}", "refused records nothing"),
    ("{do: close, on: akte, as: mueller, expect: {error: {status: 409, guard: no_such}}}", "has no guard `no_such`"),
    ("{do: close, on: akte, as: mueller, expect: {error: {status: 409, guard: requested}}}", "never asks `requested`"),
    ("{do: close, on: akte, as: mueller, expect: {error: {status: 403, guard: checked_in}}}", "refuses with 409"),
    ("{look: akte, as: mueller}", "`look` needs `expect`"),
    ("{look: akte, as: mueller, expect: {events: []}}", "looking records nothing"),
    ("{advance: 2 days}", "9:15: `steps.1.advance`: 2 days; no ISO 8601 duration"),
    ("{advance: P2D, as: mueller}", "`as` does not belong to `advance`"),
    ("{advance: P2D, expect: {state: closed}}", "only `events` can be expected"),
    ("{until: 2021-06-03T08:00:00}", "should have timezone info"),
    ("{use: nowhere.yaml}", "9:11: `nowhere.yaml`: there is no such file"),
    ("{do: work, on: akte, as: '${wer}'}", "`${wer}` is no parameter here"),
    ("{create: rekord, as: mueller, with: {}}", "nothing that can be created: `rekord`; `record`?"),
    ("{create: record, as: mueller, with: {title: x, file_plan_code: x}, expect: {state: closed}}", "never `closed`"),
    ("{do: work, on: akte, as: mueller}\n  - {do: work, on: akte, as: mueller, as: weber}", "`as` stands here twice"),
]


@pytest.mark.parametrize(("step", "says"), FAULTS, ids=[says for _, says in FAULTS])
def test_faults_of_a_step_are_told_at_their_place(faults: Callable[..., Any], step: str, says: str) -> None:
    found = faults(steps("{do: work, on: akte, as: mueller}").replace("{do: work, on: akte, as: mueller}", step))
    assert any(says in fault for fault in found), found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("start: 2021-06-01T08:00:00+02:00", "start: 2021-06-01", "3:8: `start`:; a day without time"),
        ("start: 2021-06-01T08:00:00+02:00", "start: 2021-06-01T08:00:00", "3:8: `start`"),
        ("roles: [case_worker]", "roles: [clerk]", "`actors.mueller.roles.0`: clerk"),
        ("roles: [case_worker]", "roles: [system]", "nobody is the system"),
        ("roles: [case_worker]", "roles: []", "`actors.mueller.roles`"),
        (
            "authority: mwide}",
            "authority: mwide, deputies: [{deputy: x, until: 2021-07-01}]}",
            "no actor is called `x`",
        ),
        ("title: Probe", "titel: Probe", "2:1: unknown key `titel`; `title`?"),
        ("title: Probe", "title: Probe\nparameters: {x: 1}", "3:14: `x` is not used"),
        ("title: Probe", "title: Probe\neach: [{x: 1}]", "3:9: `x` is not used"),
    ],
)
def test_faults_of_the_head(faults: Callable[..., Any], old: str, new: str, says: str) -> None:
    found = faults(steps(), head=HEAD.replace(old, new))
    assert any(says in fault for fault in found), found


def test_parameters_and_each_make_a_table_of_cases(verdicts: Callable[..., Any]) -> None:
    head = HEAD.replace(
        "title: Probe\n", "title: Als ${wer}\nparameters: {wort: weiter}\neach: [{wer: mueller}, {wer: weber}]\n"
    )
    text = "steps:\n" + RECORD + "  - {do: work, on: akte, as: '${wer}', with: {note: 'es geht ${wort}'}}\n"
    found = verdicts(text, head=head)
    assert [(one.title, one.passed) for one in found] == [("Als mueller", True), ("Als weber", True)]
    assert [one.history[-1].who for one in found] == ["mueller", "weber"]


def test_fragments_bring_people_steps_and_parameters(written: Callable[..., Any], tmp_path: Path) -> None:
    part = "kind: fragment\ntitle: Teil\nparameters: {name: null, titel: Akte}\nactors: {klein: {roles: [approver]}}\n"
    step = '  - {create: record, as: mueller, id: "${name}", with: {title: "${titel}", file_plan_code: "1"}}\n'
    written(f"{part}steps:\n{step}", "teil.yaml", head="")
    used = "steps:\n  - {use: teil.yaml, with: {name: a}}\n  - {do: work, on: a, as: mueller}\n"
    (case,) = load_checked(written(used))
    assert [step.kind for step in case.replay.steps] == ["create", "do"]
    assert "klein" in case.replay.actors
    for bad, says in (("{use: teil.yaml}", "needs name"), ("{use: teil.yaml, with: {name: a, x: 1}}", "no parameter")):
        with pytest.raises(UnusableInput, match=says):
            load_checked(written(used.replace("{use: teil.yaml, with: {name: a}}", bad)))
    written("kind: fragment\ntitle: Kreis\nsteps:\n  - {use: kreis.yaml}\n", "kreis.yaml", head="")
    with pytest.raises(UnusableInput, match="in a circle"):
        load_checked(written("steps:\n  - {use: kreis.yaml}\n"))
    with pytest.raises(UnusableInput, match="a fragment alone"):
        load_checked(tmp_path / "teil.yaml")


def test_every_shipped_file_fits_the_published_schema() -> None:
    schema = json.loads(json.dumps(replay_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    files = [*find_files([REPLAYS]), *(REPLAYS / "teile").glob("*.yaml")]
    assert len(find_files([REPLAYS])) >= 60
    for path in files:
        plain = json.loads(json.dumps(read_yaml(path, str(path)).plain(), default=str))
        assert not list(checker.iter_errors(plain)), path
    wrong = {"kind": "replay", "title": "x", "start": "2021-06-01T08:00:00Z", "steps": [{"do": "x", "colour": 1}]}
    assert list(checker.iter_errors(wrong))


def test_a_day_means_its_noon() -> None:
    assert to_instant(date(2021, 7, 1)) == datetime(2021, 7, 1, 10, tzinfo=UTC)
    assert to_instant(date(2021, 12, 1)) == datetime(2021, 12, 1, 11, tzinfo=UTC)
