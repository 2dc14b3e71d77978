"""What can be asked of a routing slip.

`station` names one by id or by number; without it, the caller's own active one is meant.
"""

from typing import Annotated

from pydantic import Field

from workflow.engine.access import Protection
from workflow.engine.commands import Command
from workflow.engine.events import Model
from workflow.engine.fields import Day, FreeText, Id, Line, Name
from workflow.routing_slips.events import Enclosure, Kind, Refusal

StationRef = Annotated[Id | Annotated[int, Field(ge=1, le=10_000)], Field(union_mode="left_to_right")]


class StationSpec(Model):
    """A station of the route: what is asked of whom, until when."""

    kind: Kind
    actor: Name
    instruction: FreeText = ""
    deadline: Day | None = None
    """Reminds before and escalates after this day; never signs."""
    until: Day | None = None
    """For `resubmit`: the day on which the folder goes on."""
    skip_unread: bool = False
    """For `acknowledge`: left out when unread after the deadline."""
    escalate_to: Name | None = None


class ParallelSpec(Model):
    """Side by side."""

    parallel: tuple["StationSpec | ParallelSpec | SequenceSpec", ...] = Field(min_length=1, max_length=200)


class SequenceSpec(Model):
    """One after another."""

    sequence: tuple["StationSpec | ParallelSpec | SequenceSpec", ...] = Field(min_length=1, max_length=200)


Spec = StationSpec | ParallelSpec | SequenceSpec
Specs = Annotated[tuple[Spec, ...], Field(min_length=1, max_length=200)]


class CreateSlip(Command, action="create"):
    """A new routing slip, with its route or that of a template."""

    title: Line
    note: FreeText = ""
    stations: tuple[Spec, ...] = Field(default=(), max_length=200)
    template: Line | None = None
    record: Id | None = None
    case: Id | None = None
    documents: tuple[Enclosure, ...] = Field(default=(), max_length=500)
    protection: Protection = Protection.NORMAL
    four_eyes: bool = False
    refusal: Refusal = "wait"
    authority: Name | None = None


class Plan(Command, action="plan"):
    """Lay out another route."""

    stations: Specs


class Revise(Command, action="revise"):
    """Change the content; signatures lapse."""

    title: Line | None = None
    note: FreeText | None = None
    documents: tuple[Enclosure, ...] | None = Field(default=None, max_length=500)


class RaiseProtection(Command, action="raise_protection"):
    """The protection need is higher than thought."""

    protection: Protection
    reason: Line


class Start(Command, action="start"):
    """Send it on its way, or on a new run."""


class StationCommand(Command):
    """Base of what is done at a station."""

    station: StationRef | None = None


class Open(StationCommand, action="open"):
    """Take it up."""


class Sign(StationCommand, action="sign"):
    """Co-sign or sign finally; a reservation (Vorbehalt) needs its reason in `note` and, like
    a refusal, sends the slip back to its owner (rule 16).
    """

    note: FreeText = ""
    reservation: bool = False


class Approve(StationCommand, action="approve"):
    """Approve."""

    note: FreeText = ""


class Acknowledge(StationCommand, action="acknowledge"):
    """Seen."""

    note: FreeText = ""


class Comment(StationCommand, action="comment"):
    """State one's view; at a station for comment that ends it, perhaps with a new version of the content. Elsewhere it
    adds a note to the folder.
    """

    note: Line
    documents: tuple[Enclosure, ...] | None = Field(default=None, max_length=500)


class Dispatch(StationCommand, action="dispatch"):
    """It was sent."""

    note: FreeText = ""


class CloseCase(StationCommand, action="close"):
    """Order z.d.A.: completes and files the slip and closes the case, or nothing of it."""

    note: FreeText = ""


class Refuse(StationCommand, action="refuse"):
    """Refuse; the reason is a must (rule 16)."""

    reason: Line


class Forward(StationCommand, action="forward"):
    """Not competent: pass the station on to somebody who is."""

    to: Name
    reason: Line


class Insert(Command, action="insert"):
    """Put stations behind a current or future one; without `after`, behind the current one."""

    stations: Specs
    after: StationRef | None = None


class Skip(Command, action="skip"):
    """Leave a station out; it stays in the route with the reason."""

    station: StationRef
    reason: Line


class Delegate(StationCommand, action="delegate"):
    """Let somebody else do one's station."""

    to: Name
    reason: Line


class Recall(Command, action="recall"):
    """Take it back before the addressee has acted."""

    reason: FreeText = ""


class Overrule(Command, action="overrule"):
    """Go on in spite of a refusal, on record."""

    station: StationRef
    reason: Line


class Pause(Command, action="pause"):
    """Hold it up."""

    reason: FreeText = ""


class Resume(Command, action="resume"):
    """Let it go on."""


class Withdraw(Command, action="withdraw"):
    """End it while under way."""

    reason: Line


class Cancel(Command, action="cancel"):
    """Give it up."""

    reason: FreeText = ""


class FileSlip(Command, action="file"):
    """File the route protocol to its record or case; without a central E-Akte, name the outside `reference`."""

    record: Id | None = None
    case: Id | None = None
    reference: Line | None = None


class Elapse(Command, action="elapse"):
    """By time: the day of a resubmission has come."""

    station: Id


class Remind(Command, action="remind"):
    """By time."""

    station: Id


class Escalate(Command, action="escalate"):
    """By time."""

    station: Id


class SkipUnread(Command, action="skip_unread"):
    """By time: an acknowledgement that nobody read."""

    station: Id
