"""What can happen to a run."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from workflow.engine.events import Event
from workflow.engine.fields import Count, Id, Line, LongText, Name, Sha256, Time

MOST_REPLICATIONS = 1000

Replications = Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=120)]


class Mode(StrEnum):
    RISK = "risk"
    PLAN = "plan"


class RunRequested(Event, type="run.requested"):
    run: Id
    authority: Name | None
    by: Name
    scenario: Slug | None
    text: LongText | None
    title: Line | None
    replications: Replications
    scan_replications: Replications | None = None
    """With every item in the scan centres; as `eva forecast` has them where it is not said."""
    seed: Count
    mode: Mode
    at: Time


class RunStarted(Event, type="run.started"):
    at: Time


class RunRequeued(Event, type="run.requeued"):
    """The worker was lost before the end; the run waits again."""

    reason: Line
    blamed: bool
    """Whether the run itself may be why, which it may be only a few times."""


class RunFinished(Event, type="run.finished"):
    scenario_hash: Sha256
    items: Count
    tables: dict[Line, Sha256]
    """File name -> SHA-256 of its content."""
    at: Time


class RunFailed(Event, type="run.failed"):
    reason: Line
    at: Time


class RunCancelled(Event, type="run.cancelled"):
    by: Name
    at: Time


class RunDiscarded(Event, type="run.discarded"):
    at: Time
