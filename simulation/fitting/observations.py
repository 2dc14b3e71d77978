"""What an event log shows of work: arrivals, routes, stations with their times, people, and what they choose."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from simulation.event_logs.traces import Step, Trace
from workflow.engine.fields import BERLIN
from workflow.text import InvalidValue

KINDS = ("co_sign", "approve", "comment", "acknowledge", "final_sign", "dispatch")
DECIDING = frozenset({"co_sign", "approve", "final_sign"})
PASSED_ON = frozenset({"co_sign", "comment"})
FOREIGN = (
    ("final_sign", r"final|schlusszeich"), ("co_sign", r"sign|zeichn"), ("approve", r"approv|genehm|billig|decide"),
    ("acknowledge", r"acknowl|kenntnis|notify|inform"), ("dispatch", r"dispatch|versand|absend|send|post"),
)  # fmt: skip
"""Kinds of station by words in the names that other systems give to activities; any other is a comment: work with a
result and no decision."""
STOPPED = frozenset({"slip.returned", "slip.recalled", "slip.withdrawn", "slip.cancelled"})
NOBODY = frozenset({"", "system"})


class Visit(NamedTuple):
    """A station from its turn until it was done; times in seconds since 1970."""

    kind: str
    ready: float | None
    opened: float | None
    done: float | None
    """None where it still waits at the end of the log."""
    hurried: float | None
    """When it was escalated: somebody then turns to it at once."""
    result: str | None
    by_deputy: bool
    person: str


class Slip(NamedTuple):
    key: str
    matter: str
    created: float
    started: float
    route: str
    inserted: bool
    recalled: bool


@dataclass
class Observations:
    visits: list[Visit] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    cases: list[float] = field(default_factory=list)
    """When cases were opened."""
    opened: dict[str, float] = field(default_factory=dict)
    """The same by their keys."""
    mail: list[float] = field(default_factory=list)
    """When items of mail came in."""
    records: int = 0
    delegated: int = 0
    misdirected: int = 0
    returned: list[tuple[float, float]] = field(default_factory=list)
    """From the return of a slip until its next run."""
    filed: list[tuple[float, float]] = field(default_factory=list)
    """From the completion of a slip until it was filed."""
    people: Counter[str] = field(default_factory=Counter)
    last: float = 0.0
    """When the log ends."""
    mapped: dict[str, str] = field(default_factory=dict)
    """Activity of another system -> kind of station as which it is worked."""
    moments: list[float] = field(default_factory=list)
    """When people did something."""


FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Times outside are mistakes of what wrote the log; every day between the first and the last is gone through."""


def observe(traces: Iterable[Trace]) -> Observations:
    found = Observations()
    for trace in traces:
        for step in trace.steps:
            found.last = max(found.last, read_time(step.time))
            if step.resource not in NOBODY and step.transition != "schedule":
                if trace.category in {"", "routing-slip", "record"}:
                    found.people[step.resource] += 1
                found.moments.append(read_time(step.time))
        if trace.category in {"", "routing-slip"}:
            _observe_slip(found, trace)
        else:
            _observe_other(found, trace)
    return found


def read_time(text: str) -> float:
    """Seconds since 1970; a time without a zone is German. Raises `InvalidValue`."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise InvalidValue(f"{text!r} ist kein Zeitpunkt", str(wrong)) from wrong
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InvalidValue(
            f"{text} liegt außerhalb von {FIRST_YEAR} bis {LAST_YEAR}",
            f"{text} lies outside {FIRST_YEAR} to {LAST_YEAR}",
        )
    return (found if found.tzinfo else found.replace(tzinfo=BERLIN)).timestamp()


def _observe_other(found: Observations, trace: Trace) -> None:
    for step in trace.steps:
        match step.event:
            case "record.case_added":
                found.cases.append(read_time(step.time))
                found.opened[step.instance or ""] = found.cases[-1]
            case "record.created":
                found.records += 1
            case "mail.item_received":
                found.mail.append(read_time(step.time))
            case "mail.item_misdirected":
                found.misdirected += 1


def _observe_slip(found: Observations, trace: Trace) -> None:
    own = any(step.event.startswith("slip.") for step in trace.steps)
    steps = trace.steps if own else [_translate(found, step) for step in trace.steps]
    visits = list(_follow(found, steps, own))
    found.visits += visits
    happened = Counter(step.event for step in steps)
    started = next((step.time for step in steps if step.event == "slip.started"), steps[0].time)
    if own and not happened["slip.started"]:
        return
    passed_on = sum(step.result == "not_competent" for step in steps)
    route = trace.attributes.get("route") or _guess_route(steps)
    matter = trace.attributes.get("case") or trace.case
    if route:
        inserted = happened["slip.stations_inserted"] > passed_on
        created, begun = read_time(steps[0].time), read_time(started)
        found.slips.append(Slip(trace.case, matter, created, begun, route, inserted, bool(happened["slip.recalled"])))
    for before, after, spans in (("slip.returned", "slip.started", found.returned),
                                 ("slip.completed", "slip.filed", found.filed)):  # fmt: skip
        since = None
        for step in steps:
            if step.event == before:
                since = read_time(step.time)
            elif step.event == after and since is not None:
                spans.append((since, read_time(step.time)))
                since = None


def _translate(found: Observations, step: Step) -> Step:
    """An activity of another system as a kind of station."""
    kind = found.mapped.get(step.activity)
    if kind is None:
        kind = step.activity if step.activity in KINDS else next(
            (kind for kind, words in FOREIGN if re.search(words, step.activity, re.IGNORECASE)), "comment"
        )  # fmt: skip
        found.mapped[step.activity] = kind
    return step._replace(activity=kind, instance=step.instance or step.activity)


def _follow(found: Observations, steps: list[Step], own: bool) -> Iterable[Visit]:
    """Stations that were done. Where a log tells nothing of their turn, it is when the one before was done."""
    ready: dict[str, float] = {}
    opened: dict[str, float] = {}
    hurried: dict[str, float] = {}
    kinds: dict[str, str] = {}
    before: float | None = None
    for step in steps:
        at, key = read_time(step.time), step.instance or step.activity
        if step.event == "slip.escalated":
            hurried[key] = at
        elif step.event in STOPPED:
            ready.clear()
        if own and step.activity not in KINDS:
            continue
        kinds[key] = step.activity
        match step.transition:
            case "schedule":
                ready[key] = at
            case "start":
                opened[key] = at
            case "reassign":
                found.delegated += 1
                ready.pop(key, None)
                opened.pop(key, None)
            case "complete":
                turn = ready.pop(key, None)
                turn = turn if turn is not None or own else before
                seen = opened.pop(key, None), at, hurried.pop(key, None)
                yield Visit(step.activity, turn, *seen, step.result, step.on_behalf_of is not None, step.resource)
                before = at
            case _:
                ready.pop(key, None)
    for key, turn in ready.items():
        if key not in opened:
            yield Visit(kinds[key], turn, None, None, hurried.get(key), None, by_deputy=False, person="")


def _guess_route(steps: list[Step]) -> str:
    """Kinds in the order of their first turn, those whose turn came at one moment side by side."""
    turns: dict[str, list[str]] = defaultdict(list)
    known: set[str] = set()
    plain = not any(step.transition == "schedule" for step in steps)
    for step in steps:
        key = step.instance or step.activity
        if step.activity in KINDS and key not in known and (step.transition == "schedule" or plain):
            known.add(key)
            turns[step.time].append(step.activity)
    return " ".join("+".join(kinds) for kinds in turns.values())
