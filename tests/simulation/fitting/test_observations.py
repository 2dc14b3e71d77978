"""What is observed of a slip, from traces written by hand; times are hours of one day."""

import pytest

from simulation.event_logs.traces import Step, Trace
from simulation.fitting.observations import Observations, observe, read_time

DAY = "2020-10-05T{:02d}:00:00+02:00"
START = read_time(DAY.format(0))


def step(hour: int, event: str, activity: str = "", transition: str = "complete", instance: str | None = None,
         result: str | None = None, deputy: str | None = None) -> Step:  # fmt: skip
    return Step(hour, event, activity or event, transition, DAY.format(hour), "anna", deputy, instance, result, None)


def turn(hour: int, key: str = "a", kind: str = "co_sign") -> Step:
    return step(hour, "slip.station_activated", kind, "schedule", key)


def opened(hour: int, key: str = "a", kind: str = "co_sign") -> Step:
    return step(hour, "slip.station_opened", kind, "start", key)


def done(hour: int, key: str = "a", kind: str = "co_sign", result: str = "signed", deputy: str | None = None) -> Step:
    return step(hour, "slip.station_done", kind, "complete", key, result, deputy)


def see(*steps: Step, category: str = "routing-slip", **attributes: str) -> Observations:
    begins = [step(8, "slip.created"), step(8, "slip.started")] if category == "routing-slip" else []
    return observe([Trace(category, "s1", {"route": "co_sign", **attributes}, [*begins, *steps])])


def hours(found: Observations) -> list[tuple[float | None, ...]]:
    return [
        tuple(None if at is None else (at - START) / 3600 for at in (one.ready, one.opened, one.done, one.hurried))
        for one in found.visits
    ]


def test_a_visit_has_its_turn_its_opening_and_its_end() -> None:
    found = see(turn(8), opened(10), done(11, deputy="bert"))
    assert hours(found) == [(8, 10, 11, None)]
    (visit,) = found.visits
    assert (visit.kind, visit.result, visit.by_deputy, visit.person) == ("co_sign", "signed", True, "anna")


def test_what_was_escalated_is_known_to_have_been_hurried() -> None:
    found = see(turn(8), step(9, "slip.escalated", instance="a"), opened(10), done(11))
    assert hours(found) == [(8, 10, 11, 9)]


def test_what_still_waits_is_seen_and_what_came_back_is_not() -> None:
    assert hours(see(turn(8), turn(9, "b", "comment"), done(10))) == [(8, None, 10, None), (9, None, None, None)]
    back = see(turn(8), turn(8, "b"), done(10, result="refused"), step(11, "slip.returned"))
    assert hours(back) == [(8, None, 10, None)]
    assert hours(see(turn(8), opened(9))) == []  # how long it is worked on is not known


def test_a_station_handed_on_tells_nothing_of_waiting() -> None:
    found = see(turn(8), step(9, "slip.station_delegated", "co_sign", "reassign", "a"), opened(10), done(11))
    assert found.delegated == 1
    assert hours(found) == [(None, 10, 11, None)]


def test_a_skipped_or_recalled_station_is_no_visit() -> None:
    assert see(turn(8), step(9, "slip.station_skipped", "co_sign", "manualskip", "a")).visits == []
    assert see(turn(8), step(9, "slip.station_recalled", "co_sign", "withdraw", "a")).visits == []


def test_a_second_run_has_visits_of_its_own() -> None:
    first = (turn(8), done(9, result="refused"), step(9, "slip.returned"), step(12, "slip.revised"))
    second = (step(13, "slip.started"), turn(13), done(15), step(15, "slip.completed"), step(16, "slip.filed"))
    found = see(*first, *second)
    assert hours(found) == [(8, None, 9, None), (13, None, 15, None)]
    assert [tuple((at - START) / 3600 for at in span) for span in (*found.returned, *found.filed)] == [
        (9, 13),
        (15, 16),
    ]


@pytest.mark.parametrize(
    ("steps", "inserted"),
    [
        ([step(9, "slip.stations_inserted")], True),
        ([step(9, "slip.stations_inserted"), done(9, result="not_competent")], False),  # passed on, and nothing more
        ([step(9, "slip.stations_inserted"), step(9, "slip.stations_inserted"), done(9, result="not_competent")], True),
        ([], False),
    ],
)
def test_a_station_put_in_is_told_from_one_passed_on(steps: list[Step], inserted: bool) -> None:
    (slip,) = see(*steps).slips
    assert slip.inserted is inserted
    assert slip.recalled is False


def test_a_slip_knows_its_matter_and_whether_it_was_taken_back() -> None:
    (slip,) = see(step(9, "slip.recalled"), case="c7").slips
    assert (slip.matter, slip.recalled, slip.route) == ("c7", True, "co_sign")
    assert (slip.started - START) / 3600 == 8
    draft = observe([Trace("routing-slip", "s2", {}, [step(8, "slip.created")])])
    assert draft.slips == []  # never sent


def test_other_traces_tell_of_cases_mail_and_records() -> None:
    record = see(step(9, "record.created"), step(9, "record.case_added", instance="c1"),
                 step(10, "record.case_added", instance="c2"), category="record")  # fmt: skip
    assert (record.records, len(record.cases), sorted(record.opened)) == (1, 2, ["c1", "c2"])
    mail = see(step(9, "mail.item_received"), step(10, "mail.item_misdirected"), category="mail-folder")
    assert (len(mail.mail), mail.misdirected) == (1, 1)
    assert mail.people == {}  # whoever opens the post is not of the staff who work on cases


def test_people_are_those_who_do_something_and_not_the_clock() -> None:
    by_time = step(9, "slip.reminded")._replace(resource="system")
    found = see(by_time, turn(9)._replace(resource="zoe"), done(10)._replace(resource="bert"))
    assert set(found.people) == {"anna", "bert"}
    assert (found.last - START) / 3600 == 10


@pytest.mark.parametrize(
    ("activity", "kind"),
    [
        ("Schlusszeichnung", "final_sign"), ("Mitzeichnung Referat 4", "co_sign"), ("co_sign", "co_sign"),
        ("Genehmigung", "approve"), ("Approve request", "approve"), ("Zur Kenntnisnahme", "acknowledge"),
        ("Absendung", "dispatch"), ("Prüfen", "comment"), ("Notify applicant", "acknowledge"),
    ],
)  # fmt: skip
def test_activities_of_other_systems_become_kinds(activity: str, kind: str) -> None:
    found = observe([Trace("", "1", {}, [step(9, "", activity), step(11, "", activity)])])
    assert found.mapped == {activity: kind}
    assert [visit.kind for visit in found.visits] == [kind, kind]
    assert hours(found)[1] == (9, None, 11, None)  # its turn came when the step before was done


def test_routes_of_other_systems_are_the_order_of_first_turns() -> None:
    steps = [step(8, "", "sign", "schedule", "1"), step(9, "", "sign", "complete", "1"),
             step(9, "", "check", "schedule", "2"), step(9, "", "approve", "schedule", "3"),
             step(10, "", "approve", "complete", "3"), step(11, "", "check", "complete", "2")]  # fmt: skip
    (slip,) = observe([Trace("", "1", {}, steps)]).slips
    assert slip.route == "co_sign comment+approve"
    plain = [step(8, "", "sign"), step(9, "", "check"), step(10, "", "sign")]
    (slip,) = observe([Trace("", "1", {}, plain)]).slips
    assert slip.route == "co_sign comment"


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="morgen"):
        observe([Trace("", "1", {}, [step(9, "", "sign")._replace(time="morgen")])])
