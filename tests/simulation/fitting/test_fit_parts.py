"""What becomes of observations: routes, kinds of work, arrivals and what the log does not show; by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from simulation.event_logs.read import EventLog
from simulation.event_logs.traces import Step, Trace
from simulation.fitting.fit import MOST_KINDS, Fit, NothingToFit, fit
from simulation.scenario.figures import find_figures
from tests.simulation.fitting.test_fit import BASE

MONDAY = datetime.fromisoformat("2020-10-05T09:00:00+02:00")


def at(day: float) -> str:
    return (MONDAY + timedelta(days=day)).isoformat()


def slip(key: str, route: str, day: float, case: str | None = None, result: str = "signed", **more: Any) -> Trace:
    """Each station in turn an hour after the one before, opened half an hour later and worked on for ten minutes."""
    begin = [Step(1, one, one, "complete", at(day), "anna", None, None, None, None)
             for one in ("slip.created", "slip.started")]  # fmt: skip
    steps = []
    for number, kind in enumerate(route.replace("+", " ").split(" ")):
        who = "boss" if kind in {"final_sign", "approve"} else f"clerk-{number}"
        for minutes, event, transition in (
            (0, "activated", "schedule"),
            (30, "opened", "start"),
            (40, "done", "complete"),
        ):
            when = at(day + number / 24 + minutes / 1440 + (len(key) * 7 % 5) / 14400)
            steps.append(Step(2, f"slip.station_{event}", kind, transition, when, who, more.get("deputy"),
                              f"{key}-{number}", result if transition == "complete" else None, None))  # fmt: skip
    attributes = {"route": route, "authority": "amt", **({"case": case} if case else {})}
    return Trace("routing-slip", key, attributes, [*begin, *steps])


def do(*traces: Trace) -> Fit:
    return fit(EventLog(list(traces), "ab" * 32, "XES"), BASE)


def figures(found: Fit) -> dict[str, Any]:
    return {path: figure for path, figure, _ in find_figures(found.scenario)}


def weeks(route: str = "co_sign final_sign", count: int = 10, **more: Any) -> list[Trace]:
    """One slip on each working day of two weeks."""
    return [slip(f"{route}{n}", route, n % 5 + 7 * (n // 5), **more) for n in range(count)]


def show(found: Fit, number: int = 0) -> list[Any]:
    return [
        [(one.kind, one.who) for one in step.parallel] if step.parallel else (step.kind, step.who)
        for step in found.scenario.work.kinds[number].route
    ]


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("co_sign final_sign", [("co_sign", "colleague"), ("final_sign", "head")]),
        ("co_sign+comment approve", [[("co_sign", "colleague"), ("comment", "colleague")], ("approve", "head")]),
        ("final_sign acknowledge acknowledge acknowledge",
         [("final_sign", "head"), [("acknowledge", "colleague")] * 3]),
        ("dispatch", [("dispatch", "colleague")]),
    ],
)  # fmt: skip
def test_a_route_is_planned_as_it_was(route: str, expected: list[Any]) -> None:
    assert show(do(*weeks(route))) == expected


def test_more_than_fifty_told_at_once_are_several_blocks() -> None:
    route = "final_sign " + " ".join(["acknowledge"] * 120)
    blocks = [len(step) for step in show(do(*weeks(route, 2)))[1:]]
    assert blocks == [50, 50, 20]


def test_the_most_frequent_routes_are_kinds_of_work_and_the_rest_is_told() -> None:
    kinds = ["co_sign", "comment", "dispatch", "acknowledge"]
    routes = [f"{one} {two} final_sign" for one in kinds for two in kinds if one != two or one != "acknowledge"]
    often = [slip(f"{n}-{i}", route, (n + i) % 5) for n, route in enumerate(routes[:MOST_KINDS]) for i in range(3)]
    seldom = [slip(f"rare{n}", route, 1) for n, route in enumerate(routes[MOST_KINDS:])]
    found = do(*often, *seldom)
    assert len(found.scenario.work.kinds) == MOST_KINDS
    assert found.left_out == pytest.approx(len(seldom) / (len(often) + len(seldom)))
    assert do(*often).left_out == 0


def test_slips_of_one_case_are_one_matter() -> None:
    found = figures(do(*weeks(count=10), slip("x", "co_sign final_sign", 11, "c1"), slip("y", "co_sign", 11.2, "c1")))
    assert found["work.kinds.route-1.further_slip"].value == pytest.approx(1 / 12, abs=1e-6)
    assert found["work.kinds.route-1.per_day"].value == pytest.approx(11 / 10)  # eleven matters on ten working days
    assert "work.kinds.route-2.per_day" not in found  # what a case goes on with is no kind of its own


def test_arrivals_are_those_of_the_weekdays() -> None:
    double = [slip(f"m{n}", "co_sign final_sign", 7 * n + 0.1) for n in range(2)]
    found = figures(do(*weeks(), *double))
    factors = [found[f"work.weekdays.{n}"].value for n in range(5)]
    assert factors == pytest.approx([4 / 2.4, 2 / 2.4, 2 / 2.4, 2 / 2.4, 2 / 2.4])
    assert sum(factors) == pytest.approx(5)


def test_mail_counts_where_nearly_every_case_came_by_it() -> None:
    def other(category: str, event: str, n: int) -> Trace:
        step = Step(1, event, event, "complete", at(n % 5 + 7 * (n // 5)), "post", None, f"c{n}", None, None)
        return Trace(category, f"{category}{n}", {}, [step])

    cases = [other("record", "record.case_added", n) for n in range(10)]
    mail = [other("mail-folder", "mail.item_received", n) for n in range(10)] * 2
    slips = weeks(count=5)
    rate = figures(do(*slips, *cases, *mail))["work.kinds.route-1.per_day"].value
    assert rate == pytest.approx(20 / 10)
    assert figures(do(*slips, *cases, *mail[:3]))["work.kinds.route-1.per_day"].value == pytest.approx(10 / 10)
    without = figures(do(*slips))["work.kinds.route-1.per_day"]
    assert without.value == pytest.approx(5 / 5)
    assert figures(do(*slips, *cases))["work.kinds.route-1.new_record"].value == 0  # no record was begun
    assert figures(do(*slips))["work.kinds.route-1.new_record"].basis == "assumed"


def test_a_log_of_the_first_of_a_month_makes_two_days() -> None:
    """Of which the second is empty: a horizon ends after it begins."""
    first = (datetime.fromisoformat("2020-10-01T09:00:00+02:00") - MONDAY).days
    horizon = do(slip("one", "co_sign final_sign", first)).scenario.horizon
    assert (str(horizon.start), str(horizon.end)) == ("2020-10-01", "2020-10-02")


def test_what_no_scenario_may_say_is_told_with_its_key() -> None:
    named = [trace._replace(attributes=trace.attributes | {"authority": "Amt für Alles"}) for trace in weeks()]
    with pytest.raises(NothingToFit, match="what no scenario may say: `authority`: lower-case letters"):
        do(*named)


def test_times_are_those_of_office_hours() -> None:
    found = figures(do(*weeks()))
    assert found["handling.stations.co_sign.touch.minutes"].value == pytest.approx(10, rel=0.01)
    assert found["handling.stations.co_sign.lies.days"].value == pytest.approx(0.5 / 8.2, rel=0.02)
    assert found["handling.stations.comment.lies.days"].basis == "assumed"


def test_refusals_and_deputies_are_shares_with_intervals() -> None:
    found = figures(do(*weeks(), *weeks("co_sign", 5, result="refused", deputy="bert")))
    refuse, absent = found["handling.choices.refuse"], found["staff.absent"]
    assert refuse.value == pytest.approx(5 / 25)
    assert refuse.low < 0.1 < refuse.value < 0.35 < refuse.high < 0.45
    assert absent.value == pytest.approx(5 / 25)
    assert found["handling.choices.misdirect"].basis == "assumed"  # there is no mail in this log


def test_staff_are_those_who_did_something_and_heads_those_who_sign() -> None:
    found = do(*weeks())
    assert found.scenario.staff.total.value == 3  # anna, who sends, a clerk and the boss
    (unit,) = found.scenario.staff.units
    assert (unit.staff.value, unit.approvers.value) == (3, 1)
    assert found.scenario.authority == "amt"


def test_every_source_names_the_log_and_the_number_of_observations() -> None:
    found = figures(do(*weeks()))
    source = found["handling.stations.co_sign.touch.minutes"].source
    assert source.startswith(f"fitted to the log {'ab' * 32} (XES): median; least AIC: ")
    assert source.endswith("n = 10")
    work = found["handling.sight.minutes"]
    share = BASE.staff.for_casework.value
    assert (work.value, work.basis) == (pytest.approx(BASE.handling.sight.minutes.value / share), "assumed")
    assert f"divided by the share of time for casework, {share}" in work.source
