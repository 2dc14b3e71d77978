"""Making anew what follows from the log: views, timers, and how far each subscriber has read.

A policy is set back to before the first event to which it owes a reaction; what it has done is not done again, because
the id of a reaction follows from the event.
"""

from collections.abc import Sequence

from workflow.engine.engine import Engine
from workflow.engine.subscribers import Policy
from workflow.views.check import PROBE, ViewCheck
from workflow.views.following import NAME
from workflow.views.queries import Views


def rebuild(engine: Engine, policies: Sequence[Policy]) -> int:
    """Rebuild, beside a working server too; the number of events read."""
    events = Views(engine).rebuild()
    engine.rebuild_timers()
    known = {policy.name for policy in policies}
    for name in engine.projection(NAME).subscribers():
        if name not in known and name not in {NAME, PROBE}:
            engine.projection(name).remove()
    check = ViewCheck(engine, policies)
    for policy in policies:
        mine = engine.projection(policy.name)
        reached = min(mine.position(), events)
        owed = next((row.position for row in engine.log.read_all(0, reached) if check.owes(policy, row)), reached + 1)
        if owed - 1 != mine.position():
            mine.keep(owed - 1)
    return events
