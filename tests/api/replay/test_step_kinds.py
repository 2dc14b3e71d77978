"""Every kind of step with what it can expect, from the file to the verdict; and what makes it fail."""

from collections.abc import Callable
from typing import Any

import pytest

from api.replay.run.verdict import Verdict
from workflow.text import Text

Verdicts = Callable[..., list[Verdict]]
RECORD = '  - {create: record, as: mueller, id: akte, with: {title: Akte, file_plan_code: "43.21"}}\n'
SLIP = (
    "  - {create: routing-slip, as: mueller, id: mappe, with: {title: Mappe, record: akte, stations:"
    " [{kind: co_sign, actor: weber, deadline: 2021-06-10}]}}\n"
    "  - {do: start, on: mappe, as: mueller}\n"
)


def steps(*lines: str, slip: bool = False) -> str:
    return "steps:\n" + RECORD + (SLIP if slip else "") + "".join(f"  - {line}\n" for line in lines)


PASSING = [
    "{look: akte, as: mueller, expect: {state: created}}",
    "{look: akte, as: mueller, expect: {fields: {title: Akte}}}",
    "{look: akte, as: mueller, expect: {allowed: {includes: [work], excludes: [reopen]}}}",
    "{look: akte, as: mueller, expect: {timers: []}}",
    "{advance: P1D}",
    "{advance: PT1S, expect: {events: []}}",
    "{advance: P0D}",
    "{until: 2021-06-02}",
    "{until: 2021-06-01T09:00:00+02:00, expect: {events: []}}",
    "{do: work, on: akte, as: mueller, note: ein Hinweis}",
    "{do: register, on: staff/neu, as: mueller, with: {roles: [approver], authority: mwide}, expect: {error: 403}}",
    "{do: reopen, on: akte, as: mueller, with: {reason: x}, expect: {error: 409}}",
    "{do: add_case, on: akte, as: mueller, id: v, with: {title: V}}\n  - {do: work, on: v, as: mueller}",
    "{create: record, as: mueller, with: {title: '', file_plan_code: x}, expect: {error: 422}}",
]


@pytest.mark.parametrize("line", PASSING)
def test_a_step_that_does_as_expected_passes(verdicts: Verdicts, line: str) -> None:
    (verdict,) = verdicts(steps(line, "{look: akte, as: mueller, expect: {fields: {title: Akte}}}"))
    assert verdict.passed, verdict.failure


FAILING = [
    ("{look: akte, as: mueller, expect: {state: closed}}", ("state",), "closed", "created"),
    ("{look: akte, as: mueller, expect: {fields: {title: Anders}}}", ("fields", "title"), "Anders", "Akte"),
    ("{look: akte, as: mueller, expect: {timers: [{timer: due}]}}", ("timers",), [{"timer": "due"}], []),
    ("{look: akte, as: mueller, expect: {error: 404}}", ("error",), 404, None),
    ("{advance: P1D, expect: {events: [record.worked]}}", ("events",), ["record.worked"], []),
    ("{do: work, on: akte, as: mueller, expect: {error: 409}}", ("error",), 409, None),
    ("{until: 2021-05-01}", ("until",), "a time to come", "it is 2021-06-01T06:00:00+00:00 already"),
    ("{advance: P9999Y}", ("advance",), "a time within the calendar", "a time after the year 9998"),
    ("{look: akte/7, as: mueller, expect: {state: created}}", ("akte/7",), "something there", None),
    ("{look: akte/nirgends, as: mueller, expect: {state: created}}", ("akte/nirgends",), "something there", None),
]


@pytest.mark.parametrize(("line", "path", "expected", "got"), FAILING, ids=[line for line, *_ in FAILING])
def test_the_first_step_that_does_otherwise_ends_the_case(
    verdicts: Verdicts, line: str, path: tuple[str, ...], expected: Any, got: Any
) -> None:
    (verdict,) = verdicts(steps(line, "{do: work, on: akte, as: mueller}"))
    failure = verdict.failure
    assert failure is not None
    assert (failure.number, verdict.steps) == (1, 1)
    (unmet,) = failure.unmet
    assert (unmet.path, tell(unmet.expected)) == (path, expected)
    if got is not None or path == ("error",):
        assert tell(unmet.got) == got


def tell(value: Any) -> Any:
    return value.en if isinstance(value, Text) else value


def test_a_refusal_that_nobody_expected_says_status_and_reason(verdicts: Verdicts) -> None:
    (verdict,) = verdicts(steps("{do: reopen, on: akte, as: mueller, with: {reason: x}}"))
    assert verdict.failure is not None
    (unmet,) = verdict.failure.unmet
    assert unmet.expected is None
    assert tell(unmet.got).startswith("409 ")
    assert any("only in" in line.en for line in verdict.failure.hint)


def test_a_refusal_by_another_thing_is_told_of_that(verdicts: Verdicts) -> None:
    """The last station closes a case with a draft in it: what is in work is the case, and the slip circulates."""
    closing = steps(
        "{do: add_case, on: akte, as: mueller, id: vorgang, with: {title: Antrag}}",
        "{do: add_document, on: vorgang, as: mueller, with: {title: Entwurf, file: e.pdf, final: false}}",
        "{create: routing-slip, as: mueller, id: mappe, with: {title: Antrag, record: akte, case: vorgang,"
        " stations: [{kind: co_sign, actor: weber}, {kind: close, actor: mueller}]}}",
        "{do: start, on: mappe, as: mueller}",
        "{do: close, on: mappe, as: mueller, expect: {error: {status: 409, guard: active}}}",
        "{do: sign, on: mappe, as: weber}",
        "{do: close, on: mappe, as: mueller}",
    )
    (verdict,) = verdicts(closing)
    assert verdict.failure is not None
    told = [line.de for line in verdict.failure.hint]
    assert told[0].startswith("die Bedingung `documents_final` sagt nein")
    assert told[1].startswith("routing-slip: circulating --close--> filed für ")
    assert told[2].startswith("im Zustand `in_work` möglich: work, ")
    assert len(told) == 3


def test_who_is_not_due_is_told_who_is(verdicts: Verdicts) -> None:
    lines = steps(
        "{create: routing-slip, as: mueller, id: mappe, with: {title: Antrag,"
        " stations: [{kind: comment, actor: mueller}, {kind: co_sign, actor: weber}]}}",
        "{do: start, on: mappe, as: mueller}",
        "{do: sign, on: mappe, as: weber}",
    )
    (verdict,) = verdicts(lines)
    assert verdict.failure is not None
    assert "an der Reihe: 1 comment mueller" in [line.de for line in verdict.failure.hint]


def test_what_came_of_a_part_is_its_own_state(verdicts: Verdicts) -> None:
    (verdict,) = verdicts(steps(
        "{do: add_case, on: akte, as: mueller, id: vorgang, with: {title: Antrag}}",
        "{do: add_document, on: vorgang, as: mueller, with: {title: Antrag, file: a.pdf}}",
        "{do: close, on: vorgang, as: mueller, expect: {state: closed}}",
    ))  # fmt: skip
    assert verdict.passed
    assert tell(verdict.history[-1].result) == "closed"


def test_a_hint_speaks_of_the_state_before_the_step(verdicts: Verdicts) -> None:
    """Of the row that was taken, not of what could be done afterwards; also where time has passed in between."""
    for pause in ((), ("{advance: P1D}",)):
        lines = (*pause, "{do: work, on: akte, as: mueller, expect: {error: 409}}")
        (verdict,) = verdicts(steps(*lines))
        assert verdict.failure is not None
        assert any(line.en.startswith("record: created --work--> in_work") for line in verdict.failure.hint)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        ("{status: 409, guard: checked_in}", False),
        ("{status: 409, guard: no_resubmission}", True),
        ("{status: 409, reason: Wiedervorlage}", True),
        ("{status: 409, reason: WIEDERVORLAGE ist noch offen}", True),
        ("{status: 409, reason: etwas anderes}", False),
        ("{status: 403}", False),
    ],
)
def test_a_refusal_is_compared_by_status_reason_and_guard(verdicts: Verdicts, error: str, passes: bool) -> None:
    (verdict,) = verdicts(
        steps(
            "{do: work, on: akte, as: mueller}",
            "{do: set_resubmission, on: akte, as: mueller, with: {due: 2021-07-01}}",
            f"{{do: close, on: akte, as: mueller, expect: {{error: {error}}}}}",
        )
    )
    assert verdict.passed is passes


def test_time_sets_off_what_is_due_and_timers_are_looked_at(verdicts: Verdicts) -> None:
    (verdict,) = verdicts(
        steps(
            "{look: mappe, as: mueller, expect: {fields: {stations/1/status: active, stations/1/actor: weber}}}",
            "{do: sign, on: mappe, as: weber, expect: {events: {includes: [slip.station_done, slip.completed]}}}",
            "{look: mappe, as: mueller, expect: {state: completed}}",
            slip=True,
        )
    )
    assert verdict.passed, verdict.failure
    assert [line.who for line in verdict.history] == ["mueller", "mueller", "mueller", "weber"]
    assert {"slip.station_done", "slip.completed"} <= set(verdict.history[-1].events)


def test_a_name_that_was_never_given_because_its_step_was_refused(verdicts: Verdicts) -> None:
    (verdict,) = verdicts(
        steps(
            "{do: add_case, on: akte, as: mueller, id: vorgang, with: {title: ''}, expect: {error: 422}}",
            "{do: work, on: vorgang, as: mueller}",
        )
    )
    assert verdict.failure is not None
    (unmet,) = verdict.failure.unmet
    assert tell(unmet.got) == "the step that should have named it was refused"


@pytest.mark.parametrize("value", ["true", "1", '"1"', "null", "[]", "{}", "1.5", "2021-06-01"])
def test_values_are_compared_with_their_type(verdicts: Verdicts, value: str) -> None:
    (verdict,) = verdicts(steps(f"{{look: akte, as: mueller, expect: {{fields: {{title: {value}}}}}}}"))
    assert not verdict.passed
