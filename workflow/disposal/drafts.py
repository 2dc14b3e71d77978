"""Which routing slips were drafted for a record: one that never started is not among the record's own.

Deletion is total (rule 12), so it erases drafts too, with title and note. A draft stops neither z.d.A. nor deletion:
what has not started is no open routing slip (rule 5).
"""

from collections.abc import Mapping

from workflow.engine.aggregate import Emitted, Evolver, dataclass, replace
from workflow.engine.events import Event
from workflow.engine.fields import Id
from workflow.routing_slips.events import SlipCreated


class SlipDrafted(Event, type="record_slips.drafted"):
    """A routing slip was drafted for a record, or for one of its cases."""

    record: Id
    case: Id | None
    slip: Id


@dataclass(frozen=True)
class SlipsOfRecord:
    cases: Mapping[str, str | None]
    """Slip -> the case that it was drafted for."""

    def belonging_to(self, record: str, object_id: str) -> list[str]:
        """Those that go with the record, or with one of its cases."""
        return [slip for slip, case in self.cases.items() if object_id in {record, case}]


evolve: Evolver[SlipsOfRecord] = Evolver()


@evolve.birth(SlipDrafted)
def _first(event: SlipDrafted) -> SlipsOfRecord:
    return SlipsOfRecord({event.slip: event.case})


@evolve.on(SlipDrafted)
def _next(slips: SlipsOfRecord, event: SlipDrafted) -> SlipsOfRecord:
    return replace(slips, cases={**slips.cases, event.slip: event.case})


def stream(record: str) -> str:
    return f"record-slips:{record}"


def enter_draft(event: Event) -> list[Emitted]:
    """What is noted of a new routing slip at its record; nothing where it has none."""
    if not isinstance(event, SlipCreated) or event.record is None:
        return []
    return [(stream(event.record), SlipDrafted(record=event.record, case=event.case, slip=event.slip))]
