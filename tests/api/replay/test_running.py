"""Each kind of expectation: met it passes, missed it fails with what came."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.replay.conftest import HEAD

SET = (
    'steps:\n  - {create: record, as: mueller, id: akte, with: {title: Akte, file_plan_code: "43.21"}}\n'
    "  - {do: add_case, on: akte, as: mueller, id: vorgang, with: {title: Vorgang}}\n"
)
WORK = "  - {{do: work, on: vorgang, as: mueller, expect: {{{}}}}}\n"


@pytest.mark.parametrize(
    ("met", "missed", "got"),
    [
        ("state: in_work", "state: closed", None),
        ("events: [record.worked]", "events: [record.worked, record.changed]", "[record.worked]"),
        ("events: record.worked", "events: record.changed", "[record.worked]"),
        ("events: {includes: [record.worked]}", "events: {includes: [record.changed]}", "[record.worked]"),
        ("events: {excludes: [record.changed]}", "events: {excludes: [record.worked]}", "[record.worked]"),
        ("allowed: {includes: [close]}", "allowed: {includes: [reopen]}", "work"),
        ("allowed: {excludes: [reopen]}", "allowed: {excludes: [work]}", "work"),
        ("fields: {title: Vorgang}", "fields: {title: Anders}", "Vorgang"),
        ("fields: {holds: []}", "fields: {holds: [x]}", "[]"),
        ("fields: {retention: {years: 10}}", "fields: {retention: {years: 11}}", "years: 10"),
        ("fields: {number: 43.21-0001-001}", "fields: {nummer: x}", "no `nummer` here"),
        ("fields: {created_on: 2021-06-01}", "fields: {created_on: 2021-06-02}", "2021-06-01"),
        ("timers: []", "timers: [{timer: fall_due}]", "[]"),
    ],
)
def test_expectations(verdicts: Callable[..., Any], met: str, missed: str, got: str | None) -> None:
    (good,) = verdicts(SET + WORK.format(met))
    assert good.passed, good.failure
    if got is None:
        return  # `closed` is told before anything is run
    (bad,) = verdicts(SET + WORK.format(missed))
    assert not bad.passed
    assert got in str(bad.failure.unmet[0])


def test_refusals(verdicts: Callable[..., Any]) -> None:
    close = "  - {{do: close, on: akte, as: {}, expect: {{error: {}}}}}\n"
    begun = SET + "  - {do: work, on: vorgang, as: mueller}\n"
    for wanted, passes in (
        ("409", True), ("403", False),
        ("{status: 409, guard: cases_closed}", True), ("{status: 409, guard: checked_in}", False),
        ("{status: 409, reason: nicht Z.D.A.}", True), ("{status: 409, reason: ausgecheckt}", False),
    ):  # fmt: skip
        (one,) = verdicts(begun + close.format("mueller", wanted))
        assert one.passed is passes, (wanted, one.failure)
    (none,) = verdicts(SET + "  - {do: work, on: vorgang, as: mueller, expect: {error: 409}}\n")
    assert str(none.failure.unmet[0]) == "error: expected 409, got it succeeded"


def test_names_references_and_deputies(verdicts: Callable[..., Any]) -> None:
    mueller = "mueller: {roles: [case_worker], authority: mwide"
    head = HEAD.replace(f"{mueller}}}", f"{mueller}, deputies: [{{deputy: weber, until: 2021-07-01}}]}}")
    head += "  reg: {roles: [registrar], authority: mwide}\n"
    text = SET + (
        "  - {do: hold, on: vorgang, as: reg, id: sperre, with: {reason: Klage}}\n"
        "  - {do: release_hold, on: sperre, as: reg, with: {reason: erledigt}, expect: {fields: {holds: []}}}\n"
        "  - {create: routing-slip, as: weber, for: mueller, id: mappe,\n"
        "     with: {title: x, record: akte, case: akte/1, stations: [{kind: comment, actor: mueller}]},\n"
        "     expect: {fields: {owner: mueller, record: akte, case: vorgang, stations/1/actor: mueller}}}\n"
        "  - {do: start, on: mappe, as: mueller}\n"
        "  - {do: comment, on: mappe, as: weber, for: mueller, with: {note: x, station: mappe/1}}\n"
    )
    (one,) = verdicts(text, head=head)
    assert one.passed, one.failure


def test_what_was_not_made_cannot_be_used(verdicts: Callable[..., Any]) -> None:
    refused = SET.splitlines()[1].replace('"43.21"', '"1", protection: high').replace("}}", "}, expect: {error: 403}}")
    (one,) = verdicts(f"steps:\n{refused}\n  - {{do: work, on: akte, as: mueller}}\n")
    assert "refused" in str(one.failure.unmet[0])


def test_time_does_not_go_back(verdicts: Callable[..., Any]) -> None:
    look = "  - {look: vorgang, as: mueller, expect: {state: created}}\n"
    (one,) = verdicts(SET + "  - {do: work, on: akte, as: mueller}\n  - {until: 2021-05-01}\n" + look)
    assert "a time to come" in str(one.failure.unmet[0])
