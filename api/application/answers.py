"""What the API answers besides resources: events, actions with their reasons, problems."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.application.resources.representation import Fields, Representation
from workflow.engine.machine import Option
from workflow.text import Text


class EventRepresentation(Representation):
    """An event of the log; `data` is null where it was erased by law."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    time: datetime
    actor: str
    on_behalf_of: str | None
    data: dict[str, Any] | None


class OptionRepresentation(Representation):
    """An action, whether the caller may do it now, and if not, why."""

    action: str
    allowed: bool
    why_not: str | None
    why_not_de: str | None
    why_not_en: str | None


class FaultRepresentation(BaseModel):
    """What is wrong at a place in the body."""

    pointer: str
    detail: str


class ProblemRepresentation(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="the kind; leads to a page that says what to do about it")
    title: str
    status: int
    detail: str
    instance: str = Field("", description="the path that was asked, as a URI reference")
    request_id: str = Field("", description="also in `X-Request-Id` and in the server's log")
    state: str = Field("", description="409: the state it is in")
    action: str = ""
    guard: str = Field("", description="409, 403: the condition not met")
    allowed_actions: list[str] = Field([], description="409: what may be done")
    version: int = Field(0, description="412: the version it is at")
    errors: list[FaultRepresentation] = Field([], description="422: each fault by its JSON Pointer")


def describe_option(option: Option, language: str) -> Fields:
    why = Text(option.why_not_de or "", option.why_not_en or "")
    return {
        "action": option.action, "allowed": option.allowed, "why_not": None if option.allowed else why.get(language),
        "why_not_de": option.why_not_de, "why_not_en": option.why_not_en,
    }  # fmt: skip
