"""Role, authority, clearance and relation against every read: what a second model allows, and not a word more.

What may not be acted on for want of clearance may not be read. The model (`reading_model`) is said from the trade and
imports nothing of the code; each thing has a word of its own, looked for in every answer.
"""

import itertools
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.api.application.reading_model import NEEDS, Reader
from tests.api.application.reading_office import ReadingOffice, actor_of, refused
from workflow.engine.access import HUMANS
from workflow.errors import NotFound
from workflow.views.scope import Scope

READERS = [
    Reader("anna", "case_worker", "mwide", "normal"), Reader("bert", "approver", "mwide", "high"),
    Reader("carl", "case_worker", "jm", "normal"), Reader("dora", "approver", "jm", "high"),
    Reader("emil", "registrar", "jm", "very_high"), Reader("gerd", "scan_operator", "im", "normal"),
    Reader("hans", "scan_inspector", "im", "high"), Reader("ida", "auditor", None, "normal"),
    Reader("jan", "admin", None, "very_high"), Reader("lea", "archivist", "lav", "normal"),
    Reader("max", "archivist", "lav", "high"), Reader("nora", "case_worker", "im", "very_high"),
]  # fmt: skip
CHIEFS = [Reader(f"chief-{one}", "case_worker", one, "very_high") for one in ("mwide", "jm")]
SOAK = int(os.environ.get("EVA_SOAK", "1"))
USERS = [reader.user for reader in READERS]


@pytest.fixture(scope="module")
def office() -> Iterator[ReadingOffice]:
    """Something of everything, in two authorities and of each need, with somebody in each relation to it."""
    made = ReadingOffice()
    for one in [*READERS, *CHIEFS]:
        made.enter(one)
    made.offer("mwide")
    for authority, need in itertools.product(("mwide", "jm"), ("normal", "high")):
        record = made.record(authority, need)
        for own, where in itertools.product(NEEDS[:2], (None, record)):
            slip = made.slip(authority, "nora", own, ["emil", "dora"], where)
            made.at_slip(slip, "start")
            made.at_slip(slip, "withdraw", reason="erledigt")
        replaced = made.slip(authority, "bert", "normal", ["carl", "gerd", "anna"], record)
        made.plan(replaced, ["hans", "nora"])
        made.slip(authority, f"chief-{authority}", "normal", ["carl", "anna", "gerd"], None)
        folder = made.folder(authority, ["normal", need, "normal"])
        for item, to in zip(made.paper.folders[folder].items, ("carl", "nora", "anna"), strict=True):
            made.assign(folder, item, to)
        made.batch(authority, "im", [need, "normal"])
    raised = made.record("mwide", "normal")
    made.at_slip(made.slip("mwide", "anna", "normal", ["carl", "dora"], raised), "start")
    made.document(raised, "high")
    made.slip("jm", "nora", "normal", ["carl"], raised, everywhere=True)
    made.deputy("dora", "emil", 30)
    made.deputy("carl", "dora", 30)
    yield made
    made.close()


@pytest.mark.parametrize("role", sorted(HUMANS) if SOAK > 1 else ["archivist", "case_worker", "scan_inspector"])
def test_no_role_authority_clearance_and_relation_reads_more_or_less_than_the_model_says(
    office: ReadingOffice, role: str
) -> None:
    """People in each relation (none, owner, station, replaced, given mail, deputy), as if with every role, authority
    and clearance; `make soak` takes all roles, and more people in each authority.
    """
    relations = {"mwide": ("carl", "nobody"), "jm": ("nora", "anna"), "im": ("emil", "gerd")}
    wrong: list[str] = []
    for authority, clearance in itertools.product((*relations, None), NEEDS):
        for user in relations.get(str(authority), ("nobody",))[:SOAK]:
            wrong += office.compare(Reader(user, role, authority, clearance))
    assert not wrong, wrong[:20]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.user)
def test_as_themselves_and_in_the_name_of_each_other(office: ReadingOffice, reader: Reader) -> None:
    assert not office.compare(reader)
    for absent in USERS:
        acting = Reader(reader.user, reader.role, reader.authority, reader.clearance, absent)
        if absent in office.paper.persons_of(reader) - {reader.user}:
            assert not office.compare(acting)
        elif absent != reader.user:
            assert refused(office, acting)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("workflow.routing_slips.routing_slip.protection_of", lambda slip, _: slip.own_protection),
        ("api.application.resources.records._knows_slip", lambda *_: True),
        ("workflow.views.queries.list_scopes", lambda *_, **__: [Scope.ALL]),
    ],
)
def test_the_comparison_finds_a_fault_that_is_planted(
    office: ReadingOffice, monkeypatch: pytest.MonkeyPatch, place: str, fault: Any
) -> None:
    assert not office.compare(READERS[0])
    monkeypatch.setattr(place, fault)
    assert office.compare(READERS[0])


def test_what_is_hidden_cannot_be_acted_on_either(office: ReadingOffice) -> None:
    """Nor is it told from what is not there."""
    paper = office.paper
    for reader in READERS:
        for kind, action, body, everything, may in (
            ("record", "work", {}, paper.records, paper.may_read_records(reader)),
            ("routing-slip", "comment", {"note": "x"}, paper.slips, paper.may_read_slips(reader)),
            ("mail-folder", "receive", {"incoming": {"title": "x"}}, paper.folders, paper.may_read_folders(reader)),
            ("scan-batch", "prepare", {"item": 1}, paper.batches, paper.may_read_batches(reader)),
        ):
            for key in set(everything) - may:
                with pytest.raises(NotFound):
                    office.service.act(kind, key, action, body, actor_of(reader))


class Reading(RuleBasedStateMachine):
    """Things come, change hands and rise; after each change somebody's reading is compared, in the end everybody's."""

    def __init__(self) -> None:
        super().__init__()
        self.office = ReadingOffice()

    @initialize()
    def enter(self) -> None:
        for one in [*READERS, *CHIEFS]:
            self.office.enter(one)

    def some(self, data: st.DataObject, things: Any) -> Any:
        return data.draw(st.sampled_from(sorted(things)))

    @rule(data=st.data(), authority=st.sampled_from(("mwide", "jm")), need=st.sampled_from(NEEDS[:2]))
    def record(self, data: st.DataObject, authority: str, need: str) -> None:
        record = self.office.record(authority, need)
        self.office.slip(authority, self.some(data, USERS), "normal", [self.some(data, USERS)], record)

    @precondition(lambda self: self.office.paper.records)
    @rule(data=st.data(), need=st.sampled_from(NEEDS))
    def document(self, data: st.DataObject, need: str) -> None:
        self.office.document(self.some(data, self.office.paper.records), need)

    @precondition(lambda self: self.office.paper.records)
    @rule(data=st.data())
    def change_need(self, data: st.DataObject) -> None:
        key = self.some(data, self.office.paper.records)
        others = [need for need in NEEDS if need != self.office.paper.records[key].need]
        self.office.change_need(key, self.some(data, others))

    @rule(data=st.data(), authority=st.sampled_from(("mwide", "jm")), need=st.sampled_from(NEEDS[:2]))
    def slip(self, data: st.DataObject, authority: str, need: str) -> None:
        records = [key for key, one in self.office.paper.records.items() if one.authority == authority]
        record = data.draw(st.sampled_from([None, *sorted(records)]))
        stations = data.draw(st.lists(st.sampled_from(USERS), min_size=1, max_size=3))
        self.office.slip(authority, self.some(data, USERS), need, stations, record)

    @precondition(lambda self: self.office.paper.slips)
    @rule(data=st.data(), stations=st.lists(st.sampled_from(USERS), min_size=1, max_size=3))
    def plan(self, data: st.DataObject, stations: list[str]) -> None:
        self.office.plan(self.some(data, self.office.paper.slips), stations)

    @precondition(lambda self: self.office.paper.slips)
    @rule(data=st.data(), need=st.sampled_from(NEEDS[1:]))
    def raise_slip(self, data: st.DataObject, need: str) -> None:
        self.office.raise_slip(self.some(data, self.office.paper.slips), need)

    @precondition(lambda self: self.office.paper.slips)
    @rule(data=st.data(), action=st.sampled_from(("start", "start", "withdraw", "pause", "resume", "cancel")))
    def move(self, data: st.DataObject, action: str) -> None:
        body = {"reason": "erledigt"} if action == "withdraw" else {}
        self.office.at_slip(self.some(data, self.office.paper.slips), action, **body)

    @rule(data=st.data(), needs=st.lists(st.sampled_from(NEEDS[:2]), min_size=1, max_size=3))
    def folder(self, data: st.DataObject, needs: list[str]) -> None:
        key = self.office.folder(self.some(data, ("mwide", "jm")), needs)
        item = self.some(data, self.office.paper.folders[key].items)
        self.office.assign(key, item, self.some(data, USERS))

    @precondition(lambda self: self.office.paper.folders)
    @rule(data=st.data(), back=st.booleans())
    def hand_over(self, data: st.DataObject, back: bool) -> None:
        key = self.some(data, self.office.paper.folders)
        item = self.some(data, self.office.paper.folders[key].items)
        if back:
            self.office.misdirect(key, item)
        else:
            self.office.assign(key, item, self.some(data, USERS))

    @rule(
        authority=st.sampled_from(("mwide", "jm")), needs=st.lists(st.sampled_from(NEEDS[:2]), min_size=1, max_size=2)
    )
    def batch(self, authority: str, needs: list[str]) -> None:
        self.office.batch(authority, "im", needs)

    @rule(absent=st.sampled_from(USERS), deputy=st.sampled_from(USERS), days=st.integers(1, 9))
    def appoint(self, absent: str, deputy: str, days: int) -> None:
        self.office.deputy(absent, deputy, days)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.office.paper.now += timedelta(days=days)

    @rule(reader=st.sampled_from(READERS))
    def read(self, reader: Reader) -> None:
        assert not self.office.compare(reader)

    def teardown(self) -> None:
        try:
            for reader in READERS:
                assert not self.office.compare(reader)
        finally:
            self.office.close()


Reading.TestCase.settings = settings(
    max_examples=4 * SOAK, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestReading = Reading.TestCase
