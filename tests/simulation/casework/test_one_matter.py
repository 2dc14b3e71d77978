"""One matter alone in an office where everybody is there: what is done for it, by whom, and in which order."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from simulation.casework.matters import RECENT, Matter
from simulation.casework.people.presence import get_timestamp
from simulation.casework.workplace import Run, Workplace
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario, WorkKind
from tests.simulation.casework.test_choices import NONE
from tests.simulation.casework.test_staff_at_work import SPEC
from workflow.engine.fields import BERLIN
from workflow.engine.store.hash_chain import Recorded

QUIET = {f"handling.choices.{name}": value for name, value in NONE.items()}
QUIET |= {"staff.absent": 0.0, "staff.part_time": 0.0, "staff.new_to_it": 0.0}
FUNDING, PARLIAMENT = 0, 1
Play = Callable[..., list[Recorded]]


def make(scenario: CaseworkScenario = SPEC, **values: float) -> CaseworkScenario:
    return scenario.with_values({**QUIET, **{name.replace("__", "."): value for name, value in values.items()}})


@pytest.fixture
def play() -> Iterator[Play]:
    """Let one matter of a kind arrive in the specialist unit at the start; its events, staff and file plan aside."""
    opened = []

    def run(
        kind: int = FUNDING, count: int = 1, on_paper: bool = False, scenario: CaseworkScenario = SPEC, **values: float
    ) -> list[Recorded]:
        place = Workplace(make(scenario, **values), Streams(4, 1), Run(1, on_paper))
        opened.append(place)
        place.office.open(place.teams)
        before = place.office.engine.log.head().position
        for number in range(count):
            Matter(place, get_kind(place, kind), place.teams["fach"], f"k/{number}").arrive()
        place.env.run(until=place.ends)
        return list(place.office.engine.log.read_all(after=before))

    yield run
    for place in opened:
        place.office.close()


def get_kind(place: Workplace, number: int) -> WorkKind:
    return place.scenario.work.kinds[number]


def happened(rows: list[Recorded], *leave_out: str) -> list[str]:
    """Types in order, each once where it comes several times in a row."""
    kinds = [row.type for row in rows if not row.type.startswith(leave_out)]
    return [kind for number, kind in enumerate(kinds) if number == 0 or kind != kinds[number - 1]]


def first(rows: list[Recorded], kind: str) -> Recorded:
    return next(row for row in rows if row.type == kind)


BESIDE = ("file_plan.", "record_slips.", "record.slip_", "slip.reminded", "slip.escalated", "slip.station_")


def test_what_comes_digitally_goes_to_the_clerk_at_once_and_ends_closed(play: Play) -> None:
    rows = play(work__kinds__funding__new_record=1.0, work__kinds__funding__further_slip=0.0)
    assert happened(rows, *BESIDE) == [
        "mail.folder_opened", "mail.item_received", "mail.item_assigned", "mail.item_accepted", "record.created",
        "record.case_added", "mail.item_filed", "record.document_added", "slip.created", "slip.started",
        "slip.completed", "slip.filed", "record.closed",
    ]  # fmt: skip
    assert sum(row.type == "record.document_added" for row in rows) == 2  # what came in, and the draft
    assert first(rows, "mail.item_assigned").actor == "system"
    clerk = first(rows, "record.created").actor
    assert clerk.startswith("fach-")
    assert {row.actor for row in rows if row.type in {"slip.created", "slip.filed", "record.closed"}} == {clerk}
    assert sum(row.type == "record.closed" for row in rows) == 1


def test_paper_mail_is_looked_at_by_a_head_first(play: Play) -> None:
    rows = play(PARLIAMENT)
    sighted, assigned = first(rows, "mail.item_sighted"), first(rows, "mail.item_assigned")
    assert sighted.actor == assigned.actor != "system"
    assert sighted.actor in {"fach-01", "fach-02"}  # who sign for the unit
    assert first(rows, "mail.item_accepted").time > assigned.time


def test_the_stations_are_those_of_the_route_and_end_with_the_signature(play: Play) -> None:
    rows = play(work__kinds__funding__further_slip=0.0)
    done = [row for row in rows if row.type == "slip.station_done"]
    assert len(done) == len(make().work.kinds[FUNDING].route) == 4
    owner = first(rows, "slip.created").actor
    assert owner not in {row.actor for row in done}
    assert done[1].actor.startswith("zentrale-")
    assert done[2].actor in {"fach-01", "fach-02"}
    assert [row.time for row in done] == sorted(row.time for row in done)


def test_a_case_without_a_record_of_its_own_goes_into_one_that_there_is(play: Play) -> None:
    rows = play(count=5, work__kinds__funding__new_record=0.0)
    assert sum(row.type == "record.created" for row in rows) == 1  # the first had none to go into
    cases = [row for row in rows if row.type == "record.case_added"]
    assert len(cases) == 5
    assert len({row.stream for row in cases}) == 1
    each = play(count=5, work__kinds__funding__new_record=1.0)
    assert sum(row.type == "record.created" for row in each) == 5
    assert RECENT > 5


def test_a_further_slip_belongs_to_the_same_case(play: Play) -> None:
    once = play(work__kinds__funding__further_slip=0.0)
    again = play(work__kinds__funding__further_slip=1.0)
    assert sum(row.type == "slip.created" for row in once) == 1
    assert sum(row.type == "slip.created" for row in again) > 1
    assert sum(row.type == "record.case_added" for row in again) == 1
    assert not [row for row in again if row.type == "record.closed"]  # it never ends
    started = [row.time for row in again if row.type == "slip.created"]
    filed = [row.time for row in again if row.type == "slip.filed"]
    assert all(end < begin for end, begin in zip(filed, started[1:], strict=False))  # one after another


def test_the_same_matter_has_the_same_luck_on_paper_and_takes_longer(play: Play) -> None:
    values = {"work__kinds__funding__further_slip": 0.0}
    electronic, paper = play(**values), play(on_paper=True, **values)
    assert first(electronic, "mail.item_accepted").actor == first(paper, "mail.item_accepted").actor
    chosen = [[row.actor for row in rows if row.type == "slip.station_done"] for rows in (electronic, paper)]
    assert chosen[0] == chosen[1]
    ends = [first(rows, "slip.completed").time for rows in (electronic, paper)]
    assert ends[0] < ends[1]


def test_who_refuses_everything_keeps_it_from_ever_being_completed(play: Play) -> None:
    rows = play(handling__choices__refuse=1.0)
    kinds = [row.type for row in rows]
    assert "slip.completed" not in kinds
    assert kinds.count("slip.started") == kinds.count("slip.revised") + 1
    assert kinds.count("slip.returned") >= kinds.count("slip.revised") > 0


def test_everything_is_done_in_office_hours_but_what_time_does(play: Play) -> None:
    hours = SPEC.staff.hours
    for row in play(PARLIAMENT, count=3):
        if row.actor not in {"system", "registratur"}:
            when = datetime.fromisoformat(row.time)
            day = when.astimezone(BERLIN).date()
            assert get_timestamp(day, hours.opens) <= when.timestamp() <= get_timestamp(day, hours.closes) + 1e-3, (
                row.type
            )


def test_cases_are_about_the_subjects_of_their_kind_one_after_another_and_staff_have_their_names(play: Play) -> None:
    """Who has no name, and a kind without subjects, are called as before."""
    kind = SPEC.work.kinds[FUNDING].model_copy(update={"subjects": ["Windpark", "Solardach"]})
    units = [one.model_copy(update={"names": ["vogel"]} if one.id == "fach" else {}) for one in SPEC.staff.units]
    changed = SPEC.model_copy(
        update={
            "work": SPEC.work.model_copy(update={"kinds": [kind, *SPEC.work.kinds[1:]]}),
            "staff": SPEC.staff.model_copy(update={"units": units}),
        }
    )
    rows = play(scenario=changed, count=3)
    titles = [json.loads(row.payload or "{}")["title"] for row in rows if row.type == "record.case_added"]
    assert {"Windpark", "Solardach", "Windpark (2)"} >= set(titles)
    assert titles
    place = Workplace(changed, Streams(4, 1), Run(1))
    assert [one.id for one in place.teams["fach"].people][:2] == ["vogel", "fach-02"]
    place.office.close()
