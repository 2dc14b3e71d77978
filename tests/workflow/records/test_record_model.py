"""Random records by random people over years, with routing slips attached, against a model in plain dictionaries."""

import os
from datetime import date, timedelta

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.workflow.conftest import PEOPLE as ACTORS
from tests.workflow.conftest import Office, check
from workflow.engine.aggregate import Context
from workflow.errors import EvaError, InvalidCommand
from workflow.organisation.working_days import local_day
from workflow.records.decide import options
from workflow.records.machine import MACHINE

OPEN = {"created", "in_work"}
LATE = ["due", "offered", "appraised", "transferred", "confirmed", "deleted"]
REGISTRARS = {"registrar", "registrar2"}
STAFF = {"mueller", *REGISTRARS}
ACTIONS = ["work", "close", "reopen", "hold", "release_hold", "offer", "appraise", "transfer", "confirm", "fail"]
ACTIONS += ["delete"]
SEEN: set[tuple[str, str, bool]] = set()
"""(state, action, allowed) visited."""
person = st.sampled_from(["mueller", "registrar", "registrar2", "archivist"])
which = st.integers(0, 3)


class Model:
    """A record (number 0) and its cases, each a dictionary."""

    def __init__(self, years: int, today: date) -> None:
        self.years = years
        self.today = today
        self.objects: list[dict] = [self.new()]
        self.processes = 0

    def new(self) -> dict:
        return {"state": "created", "closed": None, "transfer": None, "holds": 0, "slips": 0, "decision": None,
                "process": None, "asked": None}  # fmt: skip

    def cases(self, one: dict) -> list[dict]:
        return self.objects[1:] if one is self.objects[0] else []

    def held(self, one: dict) -> bool:
        return any(o["holds"] for o in [self.objects[0], one, *self.cases(one)])

    def end(self, one: dict) -> date:
        return date(one["closed"].year + self.years, 12, 31)

    def begin(self, one: dict) -> None:
        for o in (one, self.objects[0]):
            o["state"] = "in_work" if o["state"] == "created" else o["state"]

    def time(self, today: date) -> None:
        self.today = today
        for _ in range(9):
            for one in self.objects:
                states = {o["state"] for o in self.cases(one)}
                if one["state"] == "closed" and today > one["transfer"] and not states & {*OPEN, "closed"}:
                    one["state"] = "registry"
                both = [o for o in [one, *self.cases(one)] if o["state"] not in LATE]
                ripe = not states & {*OPEN, "closed", "registry"} and not self.held(one)
                if one["state"] == "registry" and ripe and all(today > self.end(o) for o in both):
                    one["state"] = "due"

    def together(self, one: dict, state: str) -> list[dict]:
        return [o for o in self.objects if o["state"] == state and o["process"] == one["process"]]

    def allows(self, action: str, who: str, one: dict) -> bool:  # noqa: PLR0911 - one line a rule
        state, cases = one["state"], {o["state"] for o in self.cases(one)}
        whole = self.objects[0]
        match action:
            case "work":
                return who in STAFF and state in OPEN
            case "close":
                slips = any(o["slips"] for o in [one, *self.cases(one)])
                return who in STAFF and state == "in_work" and not slips and not cases & OPEN
            case "reopen":
                ready = state in {"closed", "registry"}
                return who in REGISTRARS and ready and whole["state"] in {"in_work", "closed", "registry"}
            case "hold":
                return who in REGISTRARS and state != "deleted"
            case "release_hold":
                return who in REGISTRARS and state != "deleted" and one["holds"] > 0
            case "offer":
                again = state == "appraised" and one["decision"] == "B"
                early = cases & {*OPEN, "closed", "registry"}
                return who in REGISTRARS and (state == "due" or again) and not early and not self.held(one)
            case "appraise":
                return who == "archivist" and state == "offered"
            case "transfer":
                return who in REGISTRARS and state == "appraised" and one["decision"] == "A"
            case "confirm" | "fail":
                return who == "archivist" and state == "transferred"
            case "delete":
                ready = state == "confirmed" or (state == "appraised" and one["decision"] == "V")
                free = not self.held(one) and cases <= {"deleted"}
                return who in REGISTRARS and ready and free and self.today > self.end(one) and one["asked"] != who
        raise AssertionError(action)

    def does(self, action: str, who: str, one: dict, decision: str) -> None:  # noqa: PLR0912 - one a rule
        match action:
            case "work":
                self.begin(one)
            case "close":
                one.update(state="closed", closed=self.today, transfer=self.today + timedelta(days=365))
            case "reopen":
                one.update(state="in_work", closed=None)
                if self.objects[0]["state"] != "in_work":
                    self.objects[0].update(state="in_work", closed=None)
            case "hold":
                one.update(holds=one["holds"] + 1, asked=None)
            case "release_hold":
                one["holds"] -= 1
            case "offer":
                self.processes += 1
                for o in [one, *self.cases(one)]:
                    if o["state"] == "due" or (o["state"] == "appraised" and o["decision"] == "B"):
                        o.update(state="offered", process=self.processes, decision=None)
            case "appraise":
                for o in self.together(one, "offered"):
                    o.update(state="appraised", decision=decision)
            case "transfer":
                for o in self.together(one, "appraised"):
                    if o["decision"] == "A":
                        o["state"] = "transferred"
            case "confirm":
                for o in self.together(one, "transferred"):
                    o["state"] = "confirmed"
            case "fail":
                one["state"] = "appraised"
            case "delete" if one["asked"] is None:
                one["asked"] = who
            case "delete":
                one["state"] = "deleted"


class RecordMachine(RuleBasedStateMachine):
    office: Office

    @initialize(years=st.sampled_from([1, 3]))
    def create(self, years) -> None:
        self.record = self.office.record(retention={"years": years, "disposal": "B"})
        self.ids = [self.record.partition(":")[2]]
        self.holds: dict[int, list[str]] = {}
        self.slips: list[tuple[int, str]] = []
        self.model = Model(years, local_day(self.office.now))

    def pick(self, number: int) -> int:
        return number % len(self.ids)

    @rule(who=person)
    def add_case(self, who) -> None:
        expected = who in STAFF and self.model.objects[0]["state"] in OPEN and len(self.ids) < 4
        if len(self.ids) >= 4:
            return
        before = set(self.office.state(self.record).cases)
        try:
            self.office.do(who, "add_case", self.record, title="Vorgang")
        except EvaError:
            done = False
        else:
            done = True
            (new,) = set(self.office.state(self.record).cases) - before
            self.ids.append(new)
            self.model.objects.append(self.model.new())
            self.model.begin(self.model.objects[0])
        assert done == expected

    @rule(
        who=person,
        at=which,
        action=st.sampled_from(ACTIONS),
        decision=st.sampled_from("ABVV"),
    )
    def anybody(self, who, at, action, decision) -> None:
        self.attempt(who, self.pick(at), action, decision)

    @rule(at=which, decision=st.sampled_from("ABVV"))
    def next_step(self, at, decision) -> None:
        """What usually comes next, so that the far end of life is reached too."""
        self.usual(self.pick(at), decision)

    @rule(at=which)
    def nobody_may(self, at) -> None:
        """Everything that the model forbids now is tried."""
        number = self.pick(at)
        for who in ("mueller", "registrar", "archivist"):
            for action in ACTIONS:
                if not self.model.allows(action, who, self.model.objects[number]):
                    self.attempt(who, number, action, "V")

    @rule(at=which, decision=st.sampled_from("ABV"))
    def under_a_hold(self, at, decision) -> None:
        number = self.pick(at)
        self.attempt("registrar", number, "hold", decision)
        for action in ("offer", "delete"):
            self.attempt("registrar2", number, action, decision)
        self.attempt("registrar", number, "release_hold", decision)

    @rule()
    def the_engine_restarts(self) -> None:
        """Nothing is remembered: every state is folded from the log again."""
        self.office.engine._decider.reset()

    @rule(at=which)
    def reopened(self, at) -> None:
        self.attempt("registrar", self.pick(at), "reopen", "B")

    @rule(rounds=st.integers(1, 9), decision=st.sampled_from("AABV"))
    def years_pass(self, rounds, decision) -> None:
        for _ in range(rounds):
            for number in reversed(range(len(self.ids))):
                self.usual(number, decision)
            self.time_passes(400)

    def usual(self, number: int, decision: str) -> None:
        one = self.model.objects[number]
        other = "registrar2" if one["asked"] == "registrar" else "registrar"
        usual = {"created": ("mueller", "work"), "in_work": ("mueller", "close"), "due": ("registrar", "offer"),
                 "offered": ("archivist", "appraise"), "transferred": ("archivist", "confirm"),
                 "confirmed": (other, "delete")}  # fmt: skip
        after = {"A": ("registrar", "transfer"), "B": ("registrar", "offer"), "V": (other, "delete")}
        chosen = usual.get(one["state"]) or after.get(str(one["decision"]))
        if chosen and one["state"] != "deleted":
            self.attempt(chosen[0], number, chosen[1], decision)

    def attempt(self, who: str, number: int, action: str, decision: str) -> None:
        one, object_id = self.model.objects[number], self.ids[number]
        body: dict = {} if number == 0 else {"case": object_id}
        held = self.holds.setdefault(number, [])
        if action == "release_hold":
            body |= {"hold": held[-1] if held else self.ids[0], "reason": "erledigt"}
        body |= {"appraise": {"decision": decision}, "hold": {"reason": "Klage"}, "reopen": {"reason": "Widerspruch"},
                 "fail": {"results": {object_id: {"success": False, "error": "Format"}}}}.get(action, {})  # fmt: skip
        expected = self.model.allows(action, who, one)
        version = self.office.engine.load(self.record).version
        refused = None
        try:
            self.office.do(who, "confirm" if action == "fail" else action, self.record, **body)
        except EvaError as no:
            refused = no
        assert (refused is None) == expected, (who, action, one, refused)
        SEEN.add((one["state"], action, expected))
        if refused is not None:
            assert self.office.engine.load(self.record).version == version
            return
        self.model.does(action, who, one, decision)
        if action == "hold":
            life = self.office.state(self.record).life_of(object_id)
            held.append(next(key for key in life.holds if key not in held))
        if action == "release_hold":
            held.pop()

    @rule(at=which)
    def slip_starts(self, at) -> None:
        number = self.pick(at)
        one = self.model.objects[number]
        case = {} if number == 0 else {"case": self.ids[number]}
        try:
            slip = self.office.slip("co_sign schmidt", record=self.ids[0], **case)
        except InvalidCommand:  # what is deleted gets no draft, which would keep its title
            assert "deleted" in {one["state"], self.model.objects[0]["state"]}
            return
        assert one["state"] != "deleted"
        try:
            self.office.do("mueller", "start", slip)
        except EvaError:
            assert one["state"] not in OPEN
        else:
            assert one["state"] in OPEN
            one["slips"] += 1
            self.model.begin(one)
            self.slips.append((number, slip))

    @rule()
    def slip_ends(self) -> None:
        if self.slips:
            number, slip = self.slips.pop()
            self.office.do("mueller", "withdraw", slip, reason="überholt")
            self.model.objects[number]["slips"] -= 1

    @rule(days=st.sampled_from([1, 30, 366, 500]))
    def days_pass(self, days) -> None:
        self.time_passes(days)

    def time_passes(self, days: int) -> None:
        self.office.later(days=days)
        self.model.time(local_day(self.office.now))

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "model"):
            return
        state = self.office.state(self.record)
        assert [state.life_of(key).state for key in self.ids] == [one["state"] for one in self.model.objects]
        engine = self.office.engine
        for who in ("mueller", "registrar", "archivist"):
            context = Context(self.record, ACTORS[who], self.office.now, engine.rules, lambda _: None, str)
            for number, one in enumerate(self.model.objects):
                case = None if number == 0 else self.ids[number]
                told = {option.action: option.allowed for option in options(state, context, case)}
                for action in ("work", "close", "reopen", "hold", "offer", "appraise", "transfer", "delete"):
                    assert told[action] == self.model.allows(action, who, one), (who, action, one)


SOAK = int(os.environ.get("EVA_SOAK", "1"))
"""How many times more random lives than in every run of the tests."""


def run(office: Office, examples: int, steps: int) -> None:
    kind = type("OfRecords", (RecordMachine,), {"office": office})
    phases = (Phase.generate,) if os.environ.get("EVA_NO_SHRINK") else tuple(Phase)
    chosen = settings(max_examples=examples, stateful_step_count=steps, phases=phases)
    run_state_machine_as_test(kind, settings=chosen)
    check(office)
    office.engine.close()


def test_random_records_in_memory() -> None:
    run(Office("sqlite://"), 25 * SOAK, 40)


def test_in_every_state_everything_is_tried_by_everybody() -> None:
    """No luck needed: whole lives, and in each state every forbidden and every allowed thing."""
    SEEN.clear()
    office = Office("sqlite://")
    for decision in "AVB":
        life = type("Life", (RecordMachine,), {"office": office})()
        life.create(years=1)
        life.nobody_may(0)
        life.under_a_hold(0, "B")
        life.add_case("mueller")
        for turn in range(18):
            for number in (1, 0):
                life.nobody_may(number)
                if life.model.objects[number]["asked"] is None:  # a hold voids a deletion asked for
                    life.under_a_hold(number, "B")
                if turn in {2, 4}:
                    life.reopened(number)
                if turn == 9 and decision == "A":
                    life.attempt("archivist", number, "fail", "A")
                life.usual(number, decision)
                state = life.model.objects[number]["state"]
                if state == "in_work":
                    life.attempt("mueller", number, "work", decision)
                if state == "closed" and turn < 4 and decision == "B":
                    life.reopened(number)
                life.agree()
            if turn % 2:
                life.time_passes(400)
    assert {seen[:2] for seen in SEEN} == {(state, action) for state in MACHINE.states for action in ACTIONS}
    tried = {*ACTIONS} - {"fail"}
    rows = {(row.source, row.action) for row in MACHINE.table if row.action in tried}
    assert {(state, action) for state, action, allowed in SEEN if allowed} >= rows
    check(office)
    office.engine.close()


def test_random_records_on_disk(durable_url: str) -> None:
    run(Office(durable_url), 5, 30)


def test_the_model_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the second pair of eyes must be caught."""
    from workflow.engine.machine import Guard
    from workflow.records.guards import GUARDS

    monkeypatch.setitem(GUARDS, "second_person", Guard(lambda _: True, "", ""))
    monkeypatch.setenv("EVA_NO_SHRINK", "1")
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(Office("sqlite://"), 200, 60)
