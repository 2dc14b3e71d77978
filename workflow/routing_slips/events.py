"""What can happen to a routing slip (E-Laufmappe) and its stations (Beteiligungsschritt, Verfügungspunkt)."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from workflow.engine.access import Protection
from workflow.engine.events import Event, Model
from workflow.engine.fields import Count, Day, FreeText, Id, Line, Name, Sha256, Time
from workflow.routes.route import Block, Leaf


class Kind(StrEnum):
    """What a station is asked for (Verfügung); xdomea keeps it as free text."""

    CO_SIGN = "co_sign"
    FINAL_SIGN = "final_sign"
    APPROVE = "approve"
    COMMENT = "comment"
    ACKNOWLEDGE = "acknowledge"
    RESUBMIT = "resubmit"
    DISPATCH = "dispatch"
    CLOSE = "close"


class Result(StrEnum):
    SIGNED = "signed"
    REFUSED = "refused"
    APPROVED = "approved"
    COMMENTED = "commented"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    CLOSED = "closed"
    NOT_COMPETENT = "not_competent"
    ELAPSED = "elapsed"
    CONSENTED = "consented"
    OCCURRED = "occurred"
    RETRIEVED = "retrieved"


SlipClient = Literal["outlook", "web"]  # clients of the E-Laufmappe: report, lines 1212-1213
Refusal = Literal["wait", "at_once"]
"""Whether a refusal in a parallel block waits for the other stations before the slip returns."""


class Enclosure(Model):
    """A document in the folder, by the hash of its version; `document` where it lies in the record."""

    title: Line
    sha256: Sha256
    document: Id | None = None


class StationPlan(Model):
    id: Id
    kind: Kind
    actor: Name
    instruction: FreeText = ""
    deadline: Day | None = None
    deadline_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    until: Day | None = None
    awaits: Line | None = None
    skip_unread: bool = False
    silence_consents: bool = False
    escalate_to: Name | None = None


class StationSpec(Model):
    """A station of the route: what is asked of whom, until when."""

    kind: Kind
    actor: Name
    instruction: FreeText = ""
    deadline: Day | None = None
    """Reminds before and escalates after this day; never signs."""
    deadline_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """In place of `deadline`: so many days after the folder has come to the station."""
    until: Day | None = None
    """For `resubmit`: the day on which the folder goes on, with `awaits` at the latest."""
    awaits: Line | None = None
    """For `resubmit`: the event that the folder waits for, until somebody says that it has come."""
    skip_unread: bool = False
    """For `acknowledge`: left out when unread after the deadline."""
    silence_consents: bool = False
    """For `comment`: nothing said by the deadline counts as consent (Verschweigen)."""
    escalate_to: Name | None = None


class ParallelSpec(Model):
    """Side by side."""

    parallel: tuple["StationSpec | ParallelSpec | SequenceSpec", ...] = Field(min_length=1, max_length=200)


class SequenceSpec(Model):
    """One after another."""

    sequence: tuple["StationSpec | ParallelSpec | SequenceSpec", ...] = Field(min_length=1, max_length=200)


Spec = StationSpec | ParallelSpec | SequenceSpec
Specs = Annotated[tuple[Spec, ...], Field(min_length=1, max_length=200)]


def leaves(specs: Iterable[Spec]) -> Iterator[StationSpec]:
    for spec in specs:
        match spec:
            case StationSpec():
                yield spec
            case ParallelSpec():
                yield from leaves(spec.parallel)
            case SequenceSpec():
                yield from leaves(spec.sequence)


class SlipCreated(Event, type="slip.created"):
    slip: Id
    authority: Name
    title: Line
    note: FreeText
    owner: Name
    record: Id | None
    case: Id | None
    protection: Protection
    four_eyes: bool
    refusal: Refusal
    documents: tuple[Enclosure, ...]
    content: Sha256
    route: Block
    stations: tuple[StationPlan, ...]


class RoutePlanned(Event, type="slip.route_planned"):
    route: Block
    stations: tuple[StationPlan, ...]


class Revised(Event, type="slip.revised"):
    """The content changed: what was signed before binds no more (rule 16)."""

    title: Line
    note: FreeText
    documents: tuple[Enclosure, ...]
    old_content: Sha256
    content: Sha256
    lapsed: tuple[Id, ...]
    """Stations whose signature lapsed and that stand again behind the current one."""
    by: Name | None = None
    on_behalf_of: Name | None = None


class ProtectionRaised(Event, type="slip.protection_raised"):
    old: Protection
    new: Protection
    reason: Line


class Started(Event, type="slip.started"):
    run: Count


class StationActivated(Event, type="slip.station_activated"):
    """It is this station's turn (001 to 002); with the day that its deadline comes to where that counts from now."""

    station: Id
    deadline: Day | None = None


class StationOpened(Event, type="slip.station_opened"):
    """The addressee has taken it up; it cannot be recalled any more."""

    station: Id
    by: Name


class StationDone(Event, type="slip.station_done"):
    """The station has decided (002 to 003); bound to the content it saw."""

    station: Id
    result: Result
    by: Name
    on_behalf_of: Name | None
    at: Time
    note: FreeText
    reservation: bool
    content: Sha256
    client: SlipClient | None = None


class StationSkipped(Event, type="slip.station_skipped"):
    """Left out, and kept in the route (004)."""

    station: Id
    by: Name
    at: Time
    reason: Line


class StationsInserted(Event, type="slip.stations_inserted"):
    """Stations were put behind another; those that follow are renumbered (rule 13)."""

    after: Id
    stations: tuple[StationPlan, ...]
    parts: tuple[Leaf | Block, ...]
    by: Name


class StationDelegated(Event, type="slip.station_delegated"):
    station: Id
    old: Name
    new: Name
    reason: Line


class HandedOver(Event, type="slip.handed_over"):
    """Another person owns it now (Federführung)."""

    old: Name
    new: Name
    by: Name
    reason: Line


class StationRecalled(Event, type="slip.station_recalled"):
    """The sender took the folder back before the next had opened it (rule 19)."""

    station: Id
    again: StationPlan
    waiting: tuple[Id, ...]
    """Stations that were active and are planned again."""


class NoteAdded(Event, type="slip.note_added"):
    """A Geschäftsgangvermerk."""

    by: Name
    on_behalf_of: Name | None
    note: FreeText


class StationOverruled(Event, type="slip.station_overruled"):
    """A refusal was overruled on record, by the one who signs finally (rule 15)."""

    station: Id
    by: Name
    reason: Line


class Reminded(Event, type="slip.reminded"):
    station: Id


class Escalated(Event, type="slip.escalated"):
    """The deadline of a station has passed; nothing was signed by that (rule 17)."""

    station: Id
    to: Name


class Paused(Event, type="slip.paused"):
    reason: FreeText


class Resumed(Event, type="slip.resumed"): ...


class Returned(Event, type="slip.returned"):
    """Back to the owner (Federführung) after a refusal."""

    refused: tuple[Id, ...]


class Recalled(Event, type="slip.recalled"):
    """The owner took the whole slip back before anybody had acted."""

    reason: FreeText


class Completed(Event, type="slip.completed"):
    """Every station that decides has decided."""


class Withdrawn(Event, type="slip.withdrawn"):
    """Ended by the owner while under way; the history stays (rule 19)."""

    reason: Line


class Cancelled(Event, type="slip.cancelled"):
    reason: FreeText


class Filed(Event, type="slip.filed"):
    """The route protocol lies with the case, or, without a central E-Akte, under an outside reference."""

    record: Id | None
    case: Id | None
    reference: Line | None
