"""Run a case step by step against a driver, until the first step that does not do as expected."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from api.application.resources import RESOURCES
from api.replay.file import bodies, scan_stand_ins
from api.replay.file.fields import to_bound, to_instant
from api.replay.file.format import Case, Step
from api.replay.file.names import NAMEABLE, NothingThere, Target, find_created, find_part, get_at_path, imply_fields
from api.replay.run import compare
from api.replay.run.driver import Driver, Outcome, ReplayError, ServerGone, Who
from api.replay.run.hints import build_hint
from api.replay.run.verdict import Failure, HistoryLine, Unmet, Verdict
from simulation.inputs.durations import parse_duration
from simulation.inputs.faults import Fault, Place, UnusableInput
from workflow.engine.machine import Machine
from workflow.organisation.working_days import local_day
from workflow.text import Text, get_both


class MissingTarget(Exception):
    """A step cannot be sent because what it names does not exist; `unmet` says so."""

    def __init__(self, unmet: Unmet) -> None:
        super().__init__(str(unmet))
        self.unmet = unmet


def run(case: Case, make: Callable[[Case], Driver], *, go_on: bool = False) -> Verdict:
    """The verdict on a case; with `go_on`, unmet expectations are gathered to the end where that is possible."""
    began = time.perf_counter()
    driver = make(case)
    try:
        runner = _Runner(case, driver)
        failure = runner.failure(go_on)
    finally:
        driver.close()
    took = time.perf_counter() - began
    return Verdict(case.file, case.title, runner.done, took, failure, tuple(runner.history), tuple(runner.corrections))


class _Runner:
    def __init__(self, case: Case, driver: Driver) -> None:
        self.case, self.driver = case, driver
        self.names: dict[str, Target] = {}
        self._users: dict[str, str] = {}
        self.history: list[HistoryLine] = []
        self.corrections: list[tuple[Place, tuple[Unmet, ...]]] = []
        self.done = 0
        self.outcome = Outcome(200)
        self._last_seen: dict[str, Any] = {}
        """Key -> the resource as a step has left it; nothing where something else may have changed it since."""
        self._before: Any = None
        """What the step was about, as it was before the step."""

    def failure(self, go_on: bool) -> Failure | None:
        self._enter_people()
        for number, step in enumerate(self.case.replay.steps):
            try:
                unmet = tuple(self._step(step))
            except MissingTarget as lost:
                unmet, go_on = (lost.unmet,), False
            if not unmet:
                self.done += 1
                continue
            self.corrections.append((self.case.place(number), unmet))
            only_words = all(one.path[0] != "error" or len(one.path) > 1 for one in unmet)
            if not (go_on and only_words):
                lines = build_hint(step, self._state_before(step), self.outcome, self._machine(step), self._before)
                return Failure(self.case.place(number), number, describe_step(step), unmet, lines)
        return None

    def _enter_people(self) -> None:
        people, start = self.case.replay.actors, self.case.replay.start
        for name, person in people.items():
            with self._placing(name):
                self._users[name] = self.driver.enter(name, person)
        for name, person in people.items():
            for one in person.deputies:
                since = max(to_bound(one.since), start) if one.since else start
                with self._placing(name):
                    self.driver.appoint_deputy(name, one.deputy, since, to_bound(one.until, end=True))

    @contextmanager
    def _placing(self, name: str) -> Iterator[None]:
        """`UnusableInput` at the place of an actor who cannot be entered, or have such a deputy."""
        try:
            yield
        except ServerGone:
            raise
        except ReplayError as refused:
            place = self.case.root.value["actors"].value[name].place
            wrong = Text(f"`{name}`: {refused.text.de}", f"`{name}`: {refused.text.en}")
            raise UnusableInput([Fault(place, wrong)]) from refused

    def _step(self, step: Step) -> list[Unmet]:
        self._before = None
        if step.kind in {"advance", "until", "backup"}:
            self._last_seen.clear()
        if step.advance is not None or step.until is not None:
            return self._pass_time(step)
        if step.backup is not None:
            self.outcome = self.driver.back_up(step.backup)
            self._add_history("system", Text("Datensicherung", "backup"), step.backup, self.outcome)
            expected = step.expect.events if step.expect else None
            return compare.compare_list("events", expected, self.outcome.event_types, ordered=True)
        who = Who(str(step.as_), step.for_)
        target = self._target(step)
        resource = RESOURCES[step.create or target.resource]
        if step.look is not None:
            self.outcome = outcome = self.driver.show(who, target.resource, target.key)
        else:
            action = "create" if step.create else str(step.do)
            command = resource.commands[action]
            written = {**imply_fields(resource, target, command), **step.with_}
            if action in resource.evidence:
                item = self._item(target, written)
                written = scan_stand_ins.complete_body(action, written, item, self.driver.now, self.done)
            body = bodies.build_body(command, written, lambda field, name: self._resolve(name).id_for(field))
            if step.do is not None:
                self._before = self._last_seen.get(target.key) or self._look(target)
            if step.create:
                outcome = self.driver.create(who, resource.name, body)
                target = Target(resource.name, outcome.key)
            else:
                outcome = self.driver.act(who, target.resource, target.key, action, body)
                part = body.get(resource.part or "")
                if resource.part is not None and isinstance(part, str) and not target.parts:
                    target = Target(target.resource, target.key, {resource.part: part})
            self.outcome = outcome
            self._remember(target, outcome)
            self._add_history(str(who), action, step.on or step.create or "", outcome, target)
            if step.id is not None and not outcome.refused:
                self._name(step, resource.name, target, outcome)
        return self._compare(step, who, target, outcome, resource.machine)

    def _pass_time(self, step: Step) -> list[Unmet]:
        until = self._until(step)
        if until < self.driver.now:
            now = self.driver.now.astimezone(until.tzinfo).isoformat()
            come = Text(f"es ist schon {now}", f"it is {now} already")
            raise MissingTarget(Unmet(("until",), Text("eine Zeit, die noch kommt", "a time to come"), come))
        self.outcome = outcome = self.driver.advance(until)
        passing = Text("die Zeit vergeht bis", "time passes until")
        self._add_history("system", passing, until.date().isoformat(), outcome)
        unmet = compare.compare_refusal(None, outcome, None)
        if step.expect is not None:
            unmet += compare.compare_list("events", step.expect.events, outcome.event_types, ordered=True)
        return unmet

    def _until(self, step: Step) -> datetime:
        if step.until is not None:
            return to_instant(step.until)
        try:
            return parse_duration(str(step.advance)).after(self.driver.now)
        except OverflowError as wrong:
            beyond = Text("eine Zeit nach dem Jahr 9998", "a time after the year 9998")
            raise MissingTarget(
                Unmet(("advance",), Text("eine Zeit im Kalender", "a time within the calendar"), beyond)
            ) from wrong

    def _compare(
        self, step: Step, who: Who, target: Target, outcome: Outcome, machine: Machine[Any] | None
    ) -> list[Unmet]:
        expect = step.expect
        unmet = compare.compare_refusal(expect, outcome, machine)
        if expect is None or unmet:
            return unmet
        unmet += compare.compare_list("events", expect.events, outcome.event_types, ordered=True)
        if expect.state is not None or expect.fields:
            shown = outcome if not outcome.refused else self.driver.show(who, target.resource, target.key)
            if expect.state is not None:
                state = compare.get_state(shown.resource, target)
                unmet += [] if state == expect.state else [Unmet(("state",), expect.state, state)]
            inner = find_part(shown.resource, target.own_id) if target.parts else shown.resource
            unmet += compare.compare_fields(expect.fields, shown.resource if inner is None else inner, self._known_id)
        if expect.allowed is not None:
            part = target.parts.get(RESOURCES[target.resource].part or "")
            allowed = self.driver.allowed(who, target.resource, target.key, part)
            unmet += compare.compare_list("allowed", expect.allowed, allowed, ordered=False)
        if expect.timers is not None:
            unmet += compare.compare_timers(expect.timers, self.driver.timers(target.resource, target.key))
        return unmet

    def _item(self, target: Target, written: dict[str, Any]) -> Any:
        """The item of a batch that a step is about, as it is shown; None where it says nothing that fits."""
        shown, wanted = self._show(target), written.get("item")
        items = shown["items"] if isinstance(shown, dict) else []
        if wanted is None and len(items) != 1:
            return None
        wanted = items[0]["id"] if wanted is None else wanted
        named = wanted if isinstance(wanted, int) or bodies.is_id(wanted) else self._resolve(wanted).own_id
        found = next((item for item in items if named in {item["id"], item["number"]}), None)
        product = found["product"] if found else None
        backups = shown["backups"].get(product["sha256"], []) if isinstance(shown, dict) and product else []
        return {**found, "backups": backups} if found else None

    def _target(self, step: Step) -> Target:
        written = step.on or step.look
        return Target(str(step.create), "") if written is None else self._resolve(written)

    def _resolve(self, written: str) -> Target:
        first, *rest = written.split("/")
        resource = RESOURCES.get(first)
        if resource is not None and resource.naming != "uuid":
            return Target(first, "/".join(rest))
        target = self.names.get(first)
        if target is None:
            why = Text(
                "der Schritt, der es nennen sollte, wurde abgewiesen", "the step that should have named it was refused"
            )
            raise MissingTarget(Unmet((written,), Text("etwas dieses Namens", "something of that name"), why))
        return self._inside(target, rest, written) if rest else target

    def _inside(self, target: Target, path: list[str], written: str) -> Target:
        """A part by its number, such as `post/2`, or an id that stands in the resource, such as `akte/process`."""
        shown: Any = self._show(target)
        resource = RESOURCES[target.resource]
        if target.parts:
            shown = find_part(shown, target.own_id)
        held = resource.parts or ""
        part = held.removesuffix("s") if path[0].isdecimal() else path[-1]
        try:
            found = get_at_path(shown, [held, *path] if path[0].isdecimal() else path)
        except NothingThere as missing:
            raise MissingTarget(
                Unmet((written,), Text("etwas an dieser Stelle", "something there"), missing.says)
            ) from missing
        own = found["id"] if isinstance(found, dict) else str(found)
        return Target(target.resource, target.key, {**target.parts, part: own})

    def _show(self, target: Target) -> Any:
        """The resource as whoever may see it sees it."""
        for name in self.case.replay.actors:
            outcome = self.driver.show(Who(name), target.resource, target.key)
            if not outcome.refused:
                return outcome.resource
        nobody = Text("niemand in dieser Datei darf es", "nobody in this file may")
        raise MissingTarget(
            Unmet((target.resource,), Text("jemand, der es sehen darf", "somebody who may see it"), nobody)
        )

    def _known_id(self, name: str) -> str | None:
        first = name.partition("/")[0]
        return self._resolve(name).own_id if first in self.names else self._users.get(name)

    def _name(self, step: Step, resource: str, target: Target, outcome: Outcome) -> None:
        if step.create:
            self.names[str(step.id)] = target
            return
        found = find_created(NAMEABLE[resource, str(step.do)], outcome.events)
        if found is None:
            made = Text(f"{step.id} angelegt", f"{step.id} created")
            raise MissingTarget(Unmet(("id",), made, outcome.event_types))
        self.names[str(step.id)] = found

    def _machine(self, step: Step) -> Machine[Any] | None:
        first = (step.on or step.look or step.create or "").split("/")[0]
        resource = RESOURCES.get(self.names[first].resource if first in self.names else first)
        return resource.machine if resource else None

    def _state_before(self, step: Step) -> str | None:
        """The state that the step found, by which its rows are looked up."""
        try:
            return compare.get_state(self._before, self._target(step)) if self._before else None
        except MissingTarget:
            return None

    def _look(self, target: Target) -> Any:
        """As `_show`, None where that is nothing to be seen."""
        try:
            return self._show(target)
        except MissingTarget:
            return None

    def _remember(self, target: Target, outcome: Outcome) -> None:
        if not outcome.refused:
            for event in outcome.events:
                self._last_seen.pop(event["stream"].partition(":")[2], None)
            self._last_seen[target.key] = outcome.resource

    def _add_history(self, who: str, what: str | Text, on: str, outcome: Outcome, target: Target | None = None) -> None:
        """With the state of what the step was about, which `expect` compares too."""
        state = compare.get_state(outcome.resource, target) if target and not outcome.refused else None
        result = outcome.refusal if outcome.refused else get_both(state or "")
        day = local_day(self.driver.now).isoformat()
        self.history.append(HistoryLine(who, get_both(what), on, result, tuple(outcome.event_types), day))


def describe_step(step: Step) -> str:
    target = step.create or step.on or step.look or step.advance or step.until or step.backup
    who = f" as {step.as_}" if step.as_ else ""
    what = step.do or step.kind
    return f"{what} {target}{who}" + (f" for {step.for_}" if step.for_ else "")
