"""Random mail folders by random people against a model in a few lines."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.workflow.conftest import PEOPLE, Office, check
from workflow.engine.aggregate import Context
from workflow.engine.commands import parse
from workflow.errors import EvaError
from workflow.mail_folders.actions import COMMANDS
from workflow.mail_folders.decide import options
from workflow.mail_folders.machine import MACHINE

STAFF = ["mueller", "klein", "schmidt", "registrar"]
person = st.sampled_from([*STAFF, "archivist", "stranger"])
ACTIONS = ["sight", "assign", "accept", "misdirect", "file"]
FILE = {"sha256": "12" * 32, "file_name": "a.pdf"}


class MailMachine(RuleBasedStateMachine):
    office: Office

    @initialize(with_file=st.lists(st.booleans(), min_size=1, max_size=3))
    def arrive(self, with_file) -> None:
        self.office.enter_people()
        items = [{"title": f"Sendung {n}", **({"file": FILE} if has else {})} for n, has in enumerate(with_file)]
        self.folder = self.send("registrar", "create", "mail-folder", items=items).stream
        self.ids = list(self.office.state(self.folder).items)
        self.model = [{"state": "received", "to": None, "accepted": False, "file": has} for has in with_file]
        self.record = self.office.record()
        self.case = self.office.case(self.record)

    def send(self, who, action, stream, **body):
        return self.office.engine.handle(parse(COMMANDS[action], body), PEOPLE[who], stream)

    def allows(self, action: str, who: str, one: dict) -> bool:
        if who not in STAFF:
            return False
        mine = one["state"] == "assigned" and one["to"] == who
        return {
            "sight": one["state"] == "received",
            "assign": one["state"] in {"sighted", "misdirected", "assigned"},
            "accept": mine and not one["accepted"],
            "misdirect": mine,
            "file": mine and one["file"],
        }[action]

    def does(self, action: str, one: dict, to: str) -> None:
        match action:
            case "sight":
                one["state"] = "sighted"
            case "assign":
                one.update(state="assigned", to=to, accepted=False)
            case "accept":
                one["accepted"] = True
            case "misdirect":
                one.update(state="misdirected", to=None)
            case "file":
                one["state"] = "filed"

    @rule(who=person, to=st.sampled_from(STAFF), at=st.integers(0, 9), action=st.sampled_from(ACTIONS))
    def anybody(self, who, to, at, action) -> None:
        self.attempt(who, to, at % len(self.ids), action)

    @rule(at=st.integers(0, 9), wrong=st.booleans())
    def usual(self, at, wrong) -> None:
        number = at % len(self.ids)
        one = self.model[number]
        step = {"received": ("klein", "sight"), "sighted": ("klein", "assign"), "misdirected": ("klein", "assign")}
        mine = (one["to"], "misdirect" if wrong or not one["file"] else "file")
        who, action = step.get(one["state"], mine)
        if one["state"] != "filed":
            self.attempt(who, "mueller", number, action)

    def attempt(self, who: str, to: str, number: int, action: str) -> None:
        one = self.model[number]
        body = {"assign": {"to": to}, "misdirect": {"reason": "nicht hier"},
                "file": {"record": self.record.partition(":")[2], "case": self.case}}.get(action, {})  # fmt: skip
        expected, version = self.allows(action, who, one), self.office.engine.load(self.folder).version
        documents = len(list(self.office.state(self.record).documents()))
        refused = None
        try:
            self.send(who, action, self.folder, item=self.ids[number], **body)
        except EvaError as no:
            refused = no
        assert (refused is None) == expected, (who, action, one, refused)
        now = len(list(self.office.state(self.record).documents()))
        if refused is not None:
            assert (self.office.engine.load(self.folder).version, now) == (version, documents)
            return
        self.does(action, one, to)
        assert now == documents + (action == "file")

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "model"):
            return
        state = self.office.state(self.folder)
        found = [(item.state, item.assigned_to, item.accepted) for item in state.items.values()]
        assert found == [(one["state"], one["to"], one["accepted"]) for one in self.model]
        order = list(MACHINE.states)
        assert state.state == min((one["state"] for one in self.model), key=order.index)
        for who in STAFF:
            context = Context(self.folder, PEOPLE[who], self.office.now, self.office.engine.rules, lambda _: None, str)
            for key, one in zip(self.ids, self.model, strict=True):
                told = {option.action: option.allowed for option in options(state, context, key)}
                assert told == {action: self.allows(action, who, one) for action in ACTIONS}


def run(office: Office, examples: int, steps: int) -> None:
    kind = type("OfMail", (MailMachine,), {"office": office})
    run_state_machine_as_test(kind, settings=settings(max_examples=examples, stateful_step_count=steps))
    check(office)
    office.engine.close()


def test_random_mail_in_memory() -> None:
    run(Office("sqlite://"), 30, 30)


def test_random_mail_on_disk(durable_url: str) -> None:
    run(Office(durable_url), 10, 20)


def test_the_model_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose items anybody may file must be caught."""
    from workflow.engine.machine import Guard
    from workflow.mail_folders.guards import GUARDS

    monkeypatch.setitem(GUARDS, "mine", Guard(lambda _: True, "", ""))
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(Office("sqlite://"), 60, 30)
