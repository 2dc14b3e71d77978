"""What can happen to a run."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from workflow.engine.events import Event, Model
from workflow.engine.fields import Count, Id, Line, LongText, Name, Sha256, Time
from workflow.text import InvalidValue

MOST_REPLICATIONS = 1000

Replications = Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=120)]


class Mode(StrEnum):
    RISK = "risk"
    PLAN = "plan"


class QuestionKind(StrEnum):
    COMPARE = "compare"
    SENSITIVITY = "sensitivity"
    REACH = "reach"


MOST_COMPARED = 6
"""Scenarios side by side that can still be read."""


class Other(Model):
    """A scenario beside that of the run: a shipped one by its name, or YAML text."""

    scenario: Slug | None = None
    text: LongText | None = None
    title: Line | None = None

    @model_validator(mode="after")
    def _one_scenario(self) -> "Other":
        if (self.scenario is None) == (self.text is None):
            raise InvalidValue("entweder `scenario` oder `text`", "give either `scenario` or `text`")
        return self


class ScenarioQuestion(Model):
    """What is asked about a scenario besides its forecast: how others differ from it, which assumptions move an outcome
    most, or which mix of levers holds a deadline.
    """

    kind: QuestionKind
    others: Annotated[tuple[Other, ...], Field(max_length=MOST_COMPARED - 1)] = ()
    """What the scenario is compared with."""
    runs: Annotated[tuple[Id, ...], Field(max_length=MOST_COMPARED)] = ()
    """The forecasts that the question comes from."""
    outcome: Line | None = None
    """Whose assumptions are looked for, such as `users.e_laufmappe.2023`, which it is where it is left out."""
    deadline: Line | None = None
    percent: Annotated[int | None, Field(ge=1, le=99)] = None
    """How surely the deadline is to be held."""

    @model_validator(mode="after")
    def _whole(self) -> "ScenarioQuestion":
        if self.kind is QuestionKind.COMPARE and not self.others:
            raise InvalidValue("mindestens ein anderes Szenario ist zu nennen", "name at least one other scenario")
        if self.kind is QuestionKind.REACH and (self.deadline is None or self.percent is None):
            raise InvalidValue(
                "zu nennen sind die Frist, und wie sicher sie zu halten ist",
                "name the deadline, and how surely it is to be held",
            )
        return self


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
    question: ScenarioQuestion | None = None
    """None: the forecast itself."""
    at: Time


class RunStarted(Event, type="run.started"):
    at: Time


class RunRequeued(Event, type="run.requeued"):
    """The worker was lost before the end; the run waits again."""

    reason: Line
    reason_de: Line | None = None
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
    reason_de: Line | None = None
    """The same in German; None of earlier releases, and where it is the same."""
    at: Time


class RunCancelled(Event, type="run.cancelled"):
    by: Name
    at: Time


class RunDiscarded(Event, type="run.discarded"):
    at: Time
