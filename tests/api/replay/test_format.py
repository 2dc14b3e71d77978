"""A tester writes a file: what is wrong with it is told with line and column, and the schema knows what is right."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api.replay.file.check import check_file, load_checked
from api.replay.file.fields import to_instant
from api.replay.file.json_schema import replay_schema
from simulation.inputs.faults import UnusableInput
from simulation.inputs.yaml_file import read_yaml
from tests.api.replay.conftest import HEAD

REPLAYS = Path(__file__).parents[3] / "scenarios" / "replays"
SCHEMA = json.loads(json.dumps(replay_schema()))
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
    ("{advance: 2 days}", "9:15: `steps/2/advance`: 2 days; no ISO 8601 duration"),
    ("{advance: P2D, as: mueller}", "`as` does not belong to `advance`"),
    ("{advance: P2D, expect: {state: closed}}", "only `events` can be expected"),
    ("{until: 2021-06-03T08:00:00}", "9:13: `steps/2/until`: 2021-06-03T08:00:00; a time without its zone"),
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


SLIP = "create: routing-slip, as: mueller, with: {title: x, stations: [%s]}"
BODIES = [
    ("{kind: cosign, actor: weber}", "`stations/1/kind`: cosign; one of co_sign, final_sign"),
    ("{kind: co_sign}", "`stations/1/actor` is missing in `with`"),
    ("{kind: co_sign, actor: weber}, {kind: co_sign, actor: 7}", "`stations/2/actor`: 7; a text"),
    ("{kind: co_sign, actor: weber, dedline: 2021-07-01}", "`create` takes no `dedline`; `deadline`?"),
    ("{kind: co_sign, actor: weber, deadline: morgen}", "`stations/1/deadline`: morgen; a day such as 2021-06-11"),
    ("{parallel: [{kind: co_sign, actor: weber}, {kind: x, actor: weber}]}", "`stations/1/parallel/2/kind`: x; one of"),
    ("{parallel: []}", "`stations/1/parallel` does not fit; at least 1 of them"),
    ("7", "`stations/1`: 7; a mapping"),
]


@pytest.mark.parametrize(("stations", "says"), BODIES, ids=[says for _, says in BODIES])
def test_a_wrong_body_is_told_once_in_plain_words(faults: Callable[..., Any], stations: str, says: str) -> None:
    (found,) = faults(steps(f"{{{SLIP % stations}}}"))
    assert says in found


def test_faults_of_form_and_of_meaning_are_told_at_once(faults: Callable[..., Any]) -> None:
    found = faults(
        steps(
            "{do: add_case, on: akte, as: mueller, id: vorgang, colour: red, with: {title: x}}",
            "{do: add_document, on: vorgang, as: mueller, with: {title: y}}",
            "{do: wrok, on: akte, as: mueller}",
            "{advance: 2 days}",
            "{look: akte, as: nobody, expect: {state: shut}}",
        )
    )
    assert [text.rpartition("yaml:")[2].partition(": ")[0] for text in found] == [
        "9:56", "10:56", "11:10", "12:15", "13:22", "13:46",
    ], found  # fmt: skip


def test_a_step_and_a_head_with_a_fault_of_form_are_checked_for_what_they_mean(faults: Callable[..., Any]) -> None:
    step = "{do: wrok, on: akte, as: miller, colour: red, expect: {stat: x, events: [no.such]}}"
    found = faults(steps(step), head=HEAD.replace("2021-06-01T08:00:00+02:00", "soon"))
    assert [text.partition(": ")[2].partition("; ")[0] for text in found] == [
        "`start`: soon",
        "record knows no action `wrok`",
        "no actor is called `miller`",
        "unknown key `colour`",
        "unknown key `stat`",
        "no event is called `no.such`",
    ]


def test_a_name_that_nobody_uses_is_a_remark(written: Callable[..., Any]) -> None:
    path = written("steps:\n" + RECORD)
    assert [str(one).rpartition("yaml:")[2] for one in check_file(path).remarks] == ["8:39: id `akte` is not used"]


@pytest.mark.parametrize("key", ["since", "until"])
def test_a_day_or_a_time_bounds_a_deputy_alike(verdicts: Callable[..., Any], key: str) -> None:
    bounds = {"since": "since: {}, until: 2021-07-01", "until": "until: {}"}[key]
    deputies = "[{deputy: weber, " + bounds + "}]"
    for written in ("2021-06-03", "2021-06-03T12:00:00+02:00"):
        head = HEAD.replace("  mueller: {", "  mueller: {deputies: " + deputies.replace("{}", written) + ", ", 1)
        signed = {"since": ["403", "200"], "until": ["200", "403"]}[key]
        text = (
            "steps:\n"
            + RECORD
            + "".join(
                f"  - {{until: {day}}}\n  - {{do: work, on: akte, as: weber, for: mueller"
                + (", expect: {error: 403}}\n" if status == "403" else "}\n")
                for day, status in zip(("2021-06-02", "2021-06-04"), signed, strict=True)
            )
        )
        (found,) = verdicts(text, head=head)
        assert found.passed, found.failure


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("start: 2021-06-01T08:00:00+02:00", "start: 2021-06-01", "3:8: `start`: 2021-06-01; a day without time"),
        ("start: 2021-06-01T08:00:00+02:00", "start: 2021-06-01T08:00:00", "3:8: `start`"),
        (
            "roles: [case_worker]",
            "roles: [clerk]",
            "5:21: `actors/mueller/roles/1`: clerk; one of case_worker, approver",
        ),
        ("roles: [case_worker]", "roles: [system]", "nobody is the system"),
        ("roles: [case_worker]", "roles: []", "5:20: `actors/mueller/roles` does not fit; at least 1 of them"),
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


@pytest.mark.parametrize("wrong", ["5", "x", "{a: 1}"])
def test_steps_and_people_of_another_form_are_told(written: Callable[..., Any], wrong: str) -> None:
    path = written(f"steps: {wrong}\n")
    with pytest.raises(UnusableInput, match=r"7:8: `steps`.*; a list"):
        load_checked(path)
    written(f"kind: fragment\ntitle: Teil\nsteps: {wrong}\nactors: [x]\n", "teil.yaml", head="")
    with pytest.raises(UnusableInput, match=r"(?s)teil.yaml:3:8: `steps`.*; a list.*4:9: `actors`.*; a mapping"):
        load_checked(written("use: teil.yaml\nsteps: []\n"))
    people = HEAD.partition("actors:")[0] + "actors: [x]\nuse: teil.yaml\n"
    written("kind: fragment\ntitle: Teil\nactors: {klein: {roles: [approver]}}\n", "teil.yaml", head="")
    with pytest.raises(UnusableInput, match="`actors` does not fit; a mapping"):
        load_checked(written("steps: []\n", head=people))


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
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    files = sorted(REPLAYS.rglob("*.yaml"))
    assert len(files) >= 60
    for path in files:
        plain = json.loads(json.dumps(read_yaml(path, str(path)).plain(), default=str))
        assert not list(_checker(plain).iter_errors(plain)), path
    right = {"do": "sign", "on": "mappe", "as": "anna.groß@mwide.nrw", "expect": {"state": "completed"}}
    slip = {"create": "routing-slip", "as": "mueller", "with": {"title": "x", "stations": [{"kind": "co_sign"}]}}
    whole = _file_with(right, slip)
    assert not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(whole))


def _checker(plain: dict[str, Any]) -> Any:
    """The schema without the bodies of actions that a file does not have, because asking for each takes too long."""
    words = {step.get(key) for step in plain.get("steps", []) for key in ("do", "create")}
    step = SCHEMA["$defs"]["Step"]
    bodies = [one for one in step["allOf"] if words & {key["const"] for key in one["if"]["properties"].values()}]
    return jsonschema.Draft202012Validator(
        {**SCHEMA, "$defs": {**SCHEMA["$defs"], "Step": {**step, "allOf": bodies}}}
    )  # fmt: skip


def _file_with(*steps: Any) -> dict[str, Any]:
    return {"kind": "replay", "title": "x", "start": "2021-06-01T08:00:00Z", "steps": list(steps)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "sign", "on": "mappe", "as": "a", "colour": 1},
        {"do": "sing", "on": "mappe", "as": "a"},
        {"create": "routing-slipp", "as": "a"},
        {"do": "sign", "on": "mappe", "as": "a", "expect": {"state": "complete"}},
        {"do": "sign", "on": "mappe", "as": "a", "expect": {"events": ["slip.signed"]}},
        {"do": "sign", "on": "mappe", "as": "a", "expect": {"allowed": {"includes": ["sing"]}}},
        {"do": "sign", "on": "mappe", "as": "a", "expect": {"error": {"status": 409, "guard": "actif"}}},
        {"do": "sign", "on": "mappe", "as": "a", "expect": {"error": 407}},
        {"do": "sign", "on": "mappe", "as": "a", "with": {"reservation": "yes"}},
        {"create": "routing-slip", "as": "a", "with": {"titel": "x"}},
        {"create": "routing-slip", "as": "a", "with": {"stations": [{"kind": "cosign"}]}},
    ],
    ids=str,
)
def test_the_published_schema_knows_kinds_actions_bodies_states_events_and_guards(wrong: dict[str, Any]) -> None:
    checker = jsonschema.Draft202012Validator(SCHEMA)
    assert list(checker.iter_errors(_file_with(wrong)))


def test_a_day_means_its_noon() -> None:
    assert to_instant(date(2021, 7, 1)) == datetime(2021, 7, 1, 10, tzinfo=UTC)
    assert to_instant(date(2021, 12, 1)) == datetime(2021, 12, 1, 11, tzinfo=UTC)
