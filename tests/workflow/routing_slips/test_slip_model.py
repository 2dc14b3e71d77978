"""Random routing slips by random people against a model of its own: precedence of stations instead of a tree walk."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.workflow.conftest import PEOPLE as ACTORS
from tests.workflow.conftest import Office, check
from workflow.engine.aggregate import Context
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotAllowed
from workflow.routes.route import stations
from workflow.routing_slips.decide import options

PEOPLE = ["mueller", "schmidt", "weber", "klein"]
APPROVERS = {"schmidt", "weber"}
KINDS = ["co_sign", "approve", "comment", "acknowledge", "dispatch"]
person = st.sampled_from(PEOPLE)
station = st.builds(lambda kind, actor: {"kind": kind, "actor": actor}, st.sampled_from(KINDS), person)
part = st.recursive(
    station,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"parallel": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"sequence": parts}),
    ),
    max_leaves=5,
)
route = st.lists(part, min_size=1, max_size=3)


def flat(parts, path=()):
    """Every station with its path of (order, index) from the root."""
    for index, one in enumerate(parts):
        parallel = bool(path) and path[-1] == "parallel"
        here = (*path[:-1], ("parallel", (index,))) if parallel else (*path, ("sequence", (index,)))
        if "kind" in one:
            yield one, here
        elif "parallel" in one:
            yield from flat(one["parallel"], (*here, "parallel"))
        else:
            yield from flat(one["sequence"], here)


def before(one, other):
    """Whether a station at one path must be finished before one at the other: they part in a sequence."""
    for a, b in zip(one, other, strict=False):
        if a != b:
            return a[0] == "sequence" and a[1] < b[1]
    return False


class Model:
    """What a routing slip ought to do, in plain words."""

    def __init__(self, parts) -> None:
        self.state = "draft"
        self.run = 0
        self.plan = [{**one, "path": path} for one, path in flat(parts)]
        self.stations = []
        self.fresh()

    def fresh(self) -> None:
        kept = [one for one in self.stations or self.plan if not one.get("recalled")]
        self.stations = [{**one, "status": "planned", "refused": False} for one in kept]

    def sent_by(self, who):
        """The last station of theirs that everything active waits behind, nothing behind it having been decided."""
        blocking = [s for s in self.stations if s["kind"] != "acknowledge"]
        active = [s for s in blocking if s["status"] == "active"]
        for one in reversed(blocking):
            if one["actor"] != who or one["status"] != "done" or one["refused"] or one.get("recalled"):
                continue
            behind = [o for o in blocking if before(one["path"], o["path"])]
            undecided = all(o["status"] in {"planned", "active"} for o in behind)
            if active and undecided and all(o in behind for o in active):
                return one
        return None

    def recall(self, who) -> None:
        one = self.sent_by(who)
        for other in self.stations:
            if other["status"] == "active" and other["kind"] != "acknowledge":
                other["status"] = "planned"
        one["recalled"] = True
        *head, (order, index) = one["path"]
        again = {**one, "status": "planned", "recalled": False}
        if order == "sequence":
            again["path"] = (*head, (order, (*index, 1)))
        else:
            one["path"] = (*one["path"], ("sequence", (0,)))
            again["path"] = (*head, (order, index), ("sequence", (1,)))
        self.stations.insert(self.stations.index(one) + 1, again)

    @staticmethod
    def passed(one) -> bool:
        return one["status"] in {"done", "skipped"} and not one["refused"]

    def go_on(self) -> None:
        blocking = [s for s in self.stations if s["kind"] != "acknowledge"]
        turn = []
        for one in self.stations:
            ready = all(self.passed(o) for o in blocking if o is not one and before(o["path"], one["path"]))
            if ready and one["status"] in {"planned", "active"}:
                one["status"] = "active"
                turn.append(one)
        if any(one["kind"] != "acknowledge" for one in turn):
            return
        if any(one["refused"] for one in self.stations):
            self.state = "returned"
        elif blocking or not turn:
            self.state = "completed"

    def allows(self, action: str, who: str, one=None) -> bool:  # noqa: PLR0911 - one line a rule
        owner = who == "mueller"
        if action == "start":  # nobody is asked for an approval who may give none
            asked = [one for one in self.stations if not one.get("recalled")]
            competent = all(one["kind"] != "approve" or one["actor"] in APPROVERS for one in asked)
            return owner and self.state in {"draft", "returned"} and competent
        if action == "cancel":
            return owner and self.state in {"draft", "returned"}
        if action == "revise":
            return owner and self.state in {"draft", "returned"}
        if action == "pause":
            return owner and self.state == "circulating"
        if action == "resume":
            return owner and self.state == "paused"
        if action == "withdraw":
            return owner and self.state in {"circulating", "paused", "returned"}
        if action == "file":
            return owner and self.state == "completed"
        if action == "skip":
            return owner and self.state in {"circulating", "paused"} and one["status"] in {"planned", "active"}
        if action == "recall":
            return self.state == "circulating" and (self.takes_back(who) or self.sent_by(who) is not None)
        late = action == "acknowledge" and self.state in {"completed", "filed"}
        if (self.state != "circulating" and not late) or one["actor"] != who or one["status"] != "active":
            return False
        kinds = {
            "sign": {"co_sign"}, "approve": {"approve"}, "acknowledge": {"acknowledge"}, "dispatch": {"dispatch"},
            "comment": set(KINDS), "refuse": {"co_sign", "approve", "comment"},
        }  # fmt: skip
        office = {"sign", "approve", "dispatch"}
        return one["kind"] in kinds[action] and (action not in office or one["kind"] != "approve" or who in APPROVERS)

    def takes_back(self, who: str) -> bool:
        return who == "mueller" and not any(s["status"] in {"done", "skipped"} for s in self.stations)

    def does(self, action: str, who: str, one=None) -> None:
        if action == "start":
            self.run += 1
            self.fresh()
            self.state = "circulating"
            self.go_on()
        elif action in {"sign", "approve", "acknowledge", "dispatch", "refuse"}:
            one["status"], one["refused"] = "done", action == "refuse"
        elif action == "comment" and one["kind"] == "comment":
            one["status"] = "done"
        elif action == "skip":
            one["status"] = "skipped"
        elif action == "recall" and not self.takes_back(who):
            self.recall(who)
            self.go_on()
            return
        ends = {"pause": "paused", "resume": "circulating", "withdraw": "withdrawn", "cancel": "cancelled",
                "file": "filed", "recall": "returned"}  # fmt: skip
        self.state = ends.get(action, self.state)
        if self.state == "circulating":
            self.go_on()


BODIES = {
    "refuse": {"reason": "so nicht"}, "comment": {"note": "siehe Anlage"}, "withdraw": {"reason": "überholt"},
    "skip": {"reason": "abwesend"}, "file": {"reference": "extern 1"},
}  # fmt: skip


class SlipMachine(RuleBasedStateMachine):
    office: Office
    count = 0

    @initialize(parts=route)
    def draft(self, parts) -> None:
        self.slip = self.office.slip(*parts)
        self.model = Model(parts)

    def attempt(self, action: str, who: str, one=None, **body) -> None:
        number = {} if one is None else {"station": self.model.stations.index(one) + 1}
        expected = self.model.allows(action, who, one)
        version = self.office.engine.load(self.slip).version
        refused = None
        try:
            self.office.do(who, action, self.slip, **BODIES.get(action, {}), **number, **body)
        except (NotAllowed, Forbidden, InvalidCommand) as no:
            refused = no
        assert (refused is None) == expected, (action, who, one, refused)
        if refused is None:
            self.model.does(action, who, one)
        else:
            assert self.office.engine.load(self.slip).version == version

    @rule(who=person, action=st.sampled_from(["start", "cancel", "pause", "resume", "withdraw", "file", "recall"]))
    def whole(self, who, action) -> None:
        self.attempt(action, who)

    @rule()
    def start(self) -> None:
        self.attempt("start", "mueller")

    @rule(who=person)
    def revise(self, who) -> None:
        type(self).count += 1
        self.attempt("revise", who, note=f"Fassung {self.count}")

    @rule(
        who=person,
        at=st.integers(0, 20),
        action=st.sampled_from(["sign", "approve", "acknowledge", "dispatch", "comment", "refuse", "skip"]),
    )
    def anybody_anywhere(self, who, at, action) -> None:
        self.attempt(action, who, self.model.stations[at % len(self.model.stations)])

    @rule(at=st.integers(0, 20), refuses=st.booleans())
    def whoever_is_next(self, at, refuses) -> None:
        active = [s for s in self.model.stations if s["status"] == "active"]
        if active:
            one = active[at % len(active)]
            does = {"co_sign": "sign", "approve": "approve", "acknowledge": "acknowledge", "dispatch": "dispatch",
                    "comment": "comment"}[one["kind"]]  # fmt: skip
            self.attempt("refuse" if refuses and at % 4 == 0 else does, one["actor"], one)

    @rule()
    def the_engine_restarts(self) -> None:
        """Nothing is remembered: every state is folded from the log again."""
        self.office.engine._decider.reset()

    @rule(again=st.booleans())
    def a_sender_takes_it_back(self, again) -> None:
        """And perhaps refuses then, so that a new run has to do without the station that was recalled."""
        senders = [who for who in PEOPLE if self.model.state == "circulating" and self.model.sent_by(who)]
        if senders:
            self.attempt("recall", senders[0])
        if senders and again:
            active = [s for s in self.model.stations if s["status"] == "active" and s["actor"] == senders[0]]
            refusing = [s for s in active if s["kind"] in {"co_sign", "approve", "comment"}]
            if refusing:
                self.attempt("refuse", senders[0], refusing[0])
                self.attempt("start", "mueller")

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "model"):
            state = self.office.state(self.slip)
            assert state.state == self.model.state
            assert state.run == self.model.run
            assert [s.status for s in state.ordered()] == [s["status"] for s in self.model.stations]
            assert list(state.stations) == stations(state.route)
            self.office.enter_people()
            load = cache(self.office.state)
            for who in PEOPLE:
                self.shown(state, who, load)

    def shown(self, state, who: str, load: Callable[[str], Any]) -> None:
        """What a person is shown as allowed is what the model allows."""
        context = Context(self.slip, ACTORS[who], self.office.now, self.office.engine.rules, load, str)
        told = {option.action: option.allowed for option in options(state, context)}
        for action in ("start", "cancel", "revise", "pause", "resume", "withdraw", "file", "recall"):
            assert told[action] == self.model.allows(action, who), (action, who)
        for action in ("sign", "approve", "acknowledge", "dispatch"):
            anywhere = any(self.model.allows(action, who, one) for one in self.model.stations)
            assert told[action] == anywhere, (action, who)


SOAK = int(os.environ.get("EVA_SOAK", "1"))
"""How many times more random lives than in every run of the tests."""


def run(office: Office, examples: int, steps: int) -> None:
    kind = type("OfSlips", (SlipMachine,), {"office": office})
    phases = (Phase.generate,) if os.environ.get("EVA_NO_SHRINK") else tuple(Phase)
    chosen = settings(max_examples=examples, stateful_step_count=steps, phases=phases)
    run_state_machine_as_test(kind, settings=chosen)
    check(office)
    office.engine.close()


def test_random_slips_in_memory() -> None:
    run(Office("sqlite://"), 12 * SOAK, 30)


def test_random_slips_on_disk(durable_url: str) -> None:
    run(Office(durable_url), 4, 25)


def test_the_model_finds_a_planted_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose parallel block goes on after its first station must be caught."""
    from workflow.routes import route as route_module

    def careless(node, finished, passes, found):
        if isinstance(node, route_module.Leaf):
            if finished(node.station):
                return True
            found.append(node.station)
            return passes(node.station)
        through = [
            careless(part, finished, passes, found) for part in node.parts[: 1 if node.order == "sequence" else 9]
        ]
        if node.order == "sequence":
            return all(route_module_walk(part, finished, passes, found) for part in node.parts[1:]) and through[0]
        return any(through)

    route_module_walk = route_module._walk
    monkeypatch.setattr(route_module, "_walk", careless)
    monkeypatch.setenv("EVA_NO_SHRINK", "1")
    with pytest.raises((AssertionError, EvaError, ExceptionGroup)):
        run(Office("sqlite://"), 60, 30)
