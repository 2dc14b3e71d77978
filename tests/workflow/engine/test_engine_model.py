"""Records, slips, mail and time together, by random people, against a model that knows only what hangs on what.

The models of the single machines leave this out: a slip locks its case, a case its record, mail enters only an open
case, and time moves what is closed, each in one transaction or not at all.
"""

import os

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.workflow.conftest import PEOPLE, Office, check
from workflow.catalogue import WORKFLOW
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.engine.machine import Guard
from workflow.engine.pending import Done
from workflow.errors import EvaError, GuardFailed, NotAllowed
from workflow.mail_folders.actions import COMMANDS as MAIL
from workflow.records.machine import MACHINE as RECORD

OPEN = {"created", "in_work"}
FILE = {"sha256": "12" * 32, "file_name": "a.pdf"}
SIGNERS = ["schmidt", "weber"]
LONGEST = 3000
"""Days that a run may last, so that no retention ends."""
at = st.integers(0, 99)


class EngineMachine(RuleBasedStateMachine):
    office: Office

    @initialize()
    def begin(self) -> None:
        self.records: dict[str, dict] = {}
        self.slips: dict[str, dict] = {}
        self.mail: dict[str, str] = {}
        self.passed = 0
        self.office.enter_people()
        self.new_record()

    def attempt(self, allowed: bool, work) -> Done | None:
        """What the engine does is done if the model allows it, and else refused and nothing changed."""
        head = self.office.engine.log.head()
        done = refused = None
        try:
            done = work()
        except NotAllowed as no:
            refused = no
        assert (refused is None) == allowed, refused
        assert allowed or self.office.engine.log.head() == head
        return done

    def pick(self, number: int) -> tuple[str, dict, str, dict]:
        """A record and one of its cases."""
        stream = list(self.records)[number % len(self.records)]
        record = self.records[stream]
        case = list(record["cases"])[number // len(self.records) % len(record["cases"])]
        return stream, record, case, record["cases"][case]

    @rule()
    def new_record(self) -> None:
        stream = self.office.record()
        case = self.office.case(stream)
        fresh = {"state": "created", "slips": set(), "documents": 0, "closed": None}
        self.records[stream] = {"state": "in_work", "closed": None, "cases": {case: fresh}}

    @rule(number=at)
    def add_case(self, number) -> None:
        stream, record, _, _ = self.pick(number)
        new = self.attempt(record["state"] in OPEN, lambda: self.office.case(stream))
        if new:
            record["cases"][new] = {"state": "created", "slips": set(), "documents": 0, "closed": None}

    @rule(number=at)
    def add_document(self, number) -> None:
        stream, record, key, case = self.pick(number)
        if self.attempt(case["state"] in OPEN, lambda: self.office.document(stream, key)):
            case["documents"] += 1
            case["state"] = record["state"] = "in_work"

    @rule(number=at, whole=st.booleans())
    def close(self, number, whole) -> None:
        stream, record, key, case = self.pick(number)
        day = self.passed
        if whole:
            free = not any(one["slips"] or one["state"] in OPEN for one in record["cases"].values())
            if self.attempt(record["state"] == "in_work" and free, lambda: self.office.do("mueller", "close", stream)):
                record.update(state="closed", closed=day)
        elif self.attempt(
            case["state"] == "in_work" and not case["slips"],
            lambda: self.office.do("mueller", "close", stream, case=key),
        ):
            case.update(state="closed", closed=day)

    @rule(number=at)
    def reopen(self, number) -> None:
        stream, record, key, case = self.pick(number)
        shut = {"closed", "registry"}
        lives = lambda: self.office.do("registrar", "reopen", stream, case=key, reason="Nachtrag")  # noqa: E731
        if self.attempt(case["state"] in shut, lives):
            case.update(state="in_work", closed=None)
            record.update(state="in_work", closed=None)

    @rule(number=at, signers=st.lists(st.sampled_from(SIGNERS), min_size=1, max_size=3))
    def draft(self, number, signers) -> None:
        stream, _, key, _ = self.pick(number)
        stations = [f"co_sign {who}" for who in signers]
        slip = self.office.slip(*stations, record=stream.partition(":")[2], case=key)
        self.slips[slip] = {"state": "draft", "record": stream, "case": key, "todo": signers}

    @rule(number=at, action=st.sampled_from(["start", "sign", "sign", "file", "withdraw", "cancel"]))
    def slip_moves(self, number, action) -> None:
        if not self.slips:
            return
        stream = list(self.slips)[number % len(self.slips)]
        slip = self.slips[stream]
        record = self.records[slip["record"]]
        case = record["cases"][slip["case"]]
        allowed = {
            "start": slip["state"] == "draft" and case["state"] in OPEN,
            "sign": slip["state"] == "circulating",
            "file": slip["state"] == "completed",
            "withdraw": slip["state"] == "circulating",
            "cancel": slip["state"] == "draft",
        }[action]
        who = slip["todo"][0] if action == "sign" and slip["todo"] else "mueller" if action != "sign" else "schmidt"
        body = {"reason": "überholt"} if action in {"withdraw", "cancel"} else {}
        if not self.attempt(allowed, lambda: self.office.do(who, action, stream, **body)):
            return
        if action == "start":
            slip["state"] = "circulating"
            case["slips"].add(stream.partition(":")[2])
            case["state"] = record["state"] = "in_work"
        elif action == "sign":
            slip["todo"] = slip["todo"][1:]
            slip["state"] = "circulating" if slip["todo"] else "completed"
        else:
            slip["state"] = {"file": "filed", "withdraw": "withdrawn", "cancel": "cancelled"}[action]
            case["slips"].discard(stream.partition(":")[2])

    def send(self, who: str, action: str, stream: str = "mail-folder", **body) -> Done:
        return self.office.engine.handle(parse(MAIL[action], body), PEOPLE[who], stream)

    @rule()
    def mail_comes(self) -> None:
        folder = self.send("registrar", "create", items=[{"title": "Antrag", "file": FILE}]).stream
        self.send("registrar", "sight", folder)
        self.send("registrar", "assign", folder, to="mueller")
        self.mail[folder] = "assigned"

    @rule(number=at, item=at)
    def mail_is_filed(self, number, item) -> None:
        if not self.mail:
            return
        folder = list(self.mail)[item % len(self.mail)]
        stream, record, key, case = self.pick(number)
        allowed = self.mail[folder] == "assigned" and case["state"] in OPEN
        body = {"record": stream.partition(":")[2], "case": key}
        if self.attempt(allowed, lambda: self.send("mueller", "file", folder, **body)):
            self.mail[folder] = "filed"
            case["documents"] += 1
            case["state"] = record["state"] = "in_work"

    @rule(days=st.sampled_from([1, 100, 365, 366]))
    def time_passes(self, days) -> None:
        if self.passed + days > LONGEST:
            return
        self.passed += days
        self.office.later(days=days)
        for record in self.records.values():
            for life in (*record["cases"].values(), record):
                parts = life["cases"].values() if "cases" in life else ()
                over = life["closed"] is not None and self.passed > life["closed"] + 365
                if life["state"] == "closed" and over and all(part["state"] == "registry" for part in parts):
                    life["state"] = "registry"

    @rule()
    def the_engine_restarts(self) -> None:
        if self.office.engine.log.in_memory:
            self.office.engine._decider.reset()
            return
        self.office.engine.close()
        self.office.engine = Engine(self.office.url, catalogue=WORKFLOW, clock=lambda: self.office.now)

    @invariant()
    def agree(self) -> None:
        for stream, record in getattr(self, "records", {}).items():
            state = self.office.state(stream)
            assert state.state == record["state"]
            found = {
                key: {"state": case.life.state, "slips": set(case.life.open_slips), "documents": len(case.documents)}
                for key, case in state.cases.items()
            }
            assert found == {
                key: {name: case[name] for name in ("state", "slips", "documents")}
                for key, case in record["cases"].items()
            }
        for stream, slip in getattr(self, "slips", {}).items():
            assert self.office.state(stream).state == slip["state"]
        for stream, known in getattr(self, "mail", {}).items():
            assert self.office.state(stream).state == known


SOAK = int(os.environ.get("EVA_SOAK", "1"))
"""How many times more random lives than in every run of the tests."""


def run(office: Office, examples: int, steps: int) -> None:
    kind = type("OfEverything", (EngineMachine,), {"office": office})
    phases = (Phase.generate,) if os.environ.get("EVA_NO_SHRINK") else tuple(Phase)
    chosen = settings(max_examples=examples, stateful_step_count=steps, phases=phases)
    try:
        run_state_machine_as_test(kind, settings=chosen)
        check(office)
    finally:
        office.engine.close()


def test_random_engines_in_memory() -> None:
    run(Office("sqlite://"), 25 * SOAK, 40)


def test_random_engines_on_disk(durable_url: str) -> None:
    run(Office(durable_url), 8, 30)


@pytest.mark.parametrize("guard", ["no_open_slip", "cases_closed"])
def test_the_model_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    """A record that closes over an open slip, or over an open case, must be caught."""
    always = Guard(lambda _: True, "never", "nie")
    monkeypatch.setitem(RECORD.guards, guard, always)  # type: ignore[arg-type]
    monkeypatch.setenv("EVA_NO_SHRINK", "1")
    with pytest.raises((AssertionError, EvaError, ExceptionGroup)) as found:
        run(Office("sqlite://"), 200, 40)
    assert not isinstance(found.value, GuardFailed)
