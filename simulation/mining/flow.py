"""Which step follows which (directly-follows graph), and in which order cases went (variants).

Counted as process mining does: steps of a case in the order of the log, an activity where it is complete, the first and
last step of each case with a start and an end of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulation.event_logs.traces import Trace

START, END = "start", "end"
"""Before the first and after the last step of a case."""
BY_TIME = frozenset({"slip.reminded", "slip.escalated"})
"""What time says of a routing slip; nothing goes on by it."""


@dataclass(frozen=True)
class Flow:
    """`arcs`: (step, next step) -> how often; `variants`: order of steps -> cases; `places`: activity -> its mean place
    in a case, 0 for the first step and 1 for the last.
    """

    cases: int
    activities: Counter[str]
    arcs: Counter[tuple[str, str]]
    variants: Counter[tuple[str, ...]]
    places: dict[str, float]


def discover(traces: Iterable[Trace]) -> Flow:
    variants = Counter(tuple(_list_activities(trace)) for trace in traces)
    del variants[()]
    activities, arcs = Counter[str](), Counter[tuple[str, str]]()
    places = defaultdict[str, float](float)
    for steps, cases in variants.items():
        for number, (one, following) in enumerate(zip((START, *steps), (*steps, END), strict=True)):
            arcs[one, following] += cases
            if number < len(steps):
                activities[steps[number]] += cases
                places[steps[number]] += cases * number / max(len(steps) - 1, 1)
    mean = {name: total / activities[name] for name, total in places.items()}
    return Flow(sum(variants.values()), activities, arcs, variants, mean)


def _list_activities(trace: Trace) -> Iterator[str]:
    return (step.activity for step in trace.steps if step.transition == "complete" and step.activity not in BY_TIME)


def shorten(steps: Iterable[str]) -> list[tuple[str, int]]:
    """The same steps with how often each comes in a row."""
    found: list[tuple[str, int]] = []
    for step in steps:
        if found and found[-1][0] == step:
            found[-1] = step, found[-1][1] + 1
        else:
            found.append((step, 1))
    return found
