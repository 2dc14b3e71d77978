"""Webhooks as an aggregate: set up by the administration of an authority, deleted, ended by their receiver.

A webhook delivers what whoever set it up may read, and no more than that. The log keeps the SHA-256 of its secret.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from api.application.webhooks.selection import Selection
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.aggregate import Emitted, Evolver, Kind, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event, types
from workflow.engine.fields import Count, Id, Line, Name, Sha256
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream
from workflow.text import InvalidValue, Text

CATEGORY = "webhook"
MOST_FILTERED = 50
"""Types, and subjects, that one webhook names."""
ENDED = Text("der Empfänger hat den Webhook beendet", "its receiver has ended the webhook")
_URL = re.compile(r"[!-~]{1,1000}")


def check_url(text: str) -> str:
    """A URL of http or https, without user, password or fragment; `ValueError` for any other."""
    try:
        parts = urlsplit(text) if _URL.fullmatch(text) else None
        good = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good, parts = False, None
    if parts is None or not good or parts.username is not None or parts.password is not None or "#" in text:
        example = "https://fachverfahren.example/eva"
        raise InvalidValue(
            f"erwartet wird eine URL wie {example}, ohne Benutzer und Fragment",
            f"expected a URL such as {example}, without user and fragment",
        )
    return text


def _check_type(name: str) -> str:
    if name not in types():
        raise InvalidValue("diese Art von Ereignis gibt es nicht", "there is no such type of event")
    return name


Url = Annotated[str, Field(max_length=1000), AfterValidator(check_url)]
Types = Annotated[tuple[Annotated[str, AfterValidator(_check_type)], ...], Field(max_length=MOST_FILTERED)]
Subjects = Annotated[tuple[Line, ...], Field(max_length=MOST_FILTERED)]


class WebhookCreated(Event, type="webhook.created"):
    SECRET: ClassVar[frozenset[str]] = frozenset({"digest"})

    webhook: Id
    url: Line
    types: tuple[Line, ...]
    subjects: tuple[Line, ...]
    owner: Name
    roles: tuple[Role, ...]
    authority: Name | None
    clearance: Protection
    token: Id | None
    """With which it was set up; once that is revoked nothing more is delivered."""
    stay: Count
    """How often its owner had left before."""
    digest: Sha256


class WebhookRedelivered(Event, type="webhook.redelivered"):
    """Somebody wants what could not be delivered to be tried again; all of it where no positions are named."""

    webhook: Id
    positions: tuple[Count, ...] | None
    by: Name


class WebhookDeleted(Event, type="webhook.deleted"):
    webhook: Id
    by: Name


class WebhookEnded(Event, type="webhook.ended"):
    """The receiver wants nothing more (410)."""

    webhook: Id


class CreateWebhook(Command, action="create"):
    """Set one up; `digest` is the SHA-256 of its secret."""

    url: Url
    types: Types = ()
    subjects: Subjects = ()
    webhook: Id
    digest: Sha256


class Redeliver(Command, action="redeliver"):
    """Try again what could not be delivered: all, or the events at these positions of the log."""

    positions: Annotated[tuple[Count, ...], Field(max_length=1000)] | None = None


class DeleteWebhook(Command, action="delete"):
    """Deliver nothing more, and forget what could not be delivered."""


class EndWebhook(Command, action="end"):
    """The receiver answered 410."""


@dataclass(frozen=True)
class Webhook:
    id: str
    url: str
    selection: Selection
    owner: Actor
    token: str | None
    stay: int
    digest: str
    state: str = "active"
    """`active`, `ended` by its receiver, or `deleted`."""

    def known_to(self, actor: Actor) -> bool:
        """To the administration of its authority."""
        return Role.ADMIN in actor.roles and actor.authority in {None, self.owner.authority}


evolve: Evolver[Webhook] = Evolver()


@evolve.birth(WebhookCreated)
def _created(event: WebhookCreated) -> Webhook:
    owner = Actor(event.owner, frozenset(event.roles), event.authority, event.clearance)
    selection = Selection(frozenset(event.types), frozenset(event.subjects))
    return Webhook(event.webhook, event.url, selection, owner, event.token, event.stay, event.digest)


@evolve.on(WebhookRedelivered)
def _redelivered(webhook: Webhook, _: WebhookRedelivered) -> Webhook:
    return webhook


@evolve.on(WebhookDeleted)
def _deleted(webhook: Webhook, _: WebhookDeleted) -> Webhook:
    return replace(webhook, state="deleted")


@evolve.on(WebhookEnded)
def _ended(webhook: Webhook, _: WebhookEnded) -> Webhook:
    return replace(webhook, state="ended")


def stream(webhook: str) -> str:
    return f"{CATEGORY}:{webhook}"


def check_admin(actor: Actor, *, in_person: bool = False) -> None:
    """Raise `Forbidden` for all but the administration; `in_person` for its deputies too."""
    if Role.ADMIN not in actor.roles or (in_person and actor.on_behalf_of is not None):
        raise Forbidden("webhooks are set up by the administration", "Webhooks richtet die Administration ein")


def decide(webhook: Webhook | None, command: Command, context: Context) -> list[Emitted]:
    if isinstance(command, EndWebhook) and webhook is not None and Role.SYSTEM in context.actor.roles:
        return [] if webhook.state != "active" else [(context.stream, WebhookEnded(webhook=webhook.id))]
    check_admin(context.actor, in_person=True)
    if isinstance(command, CreateWebhook):
        return _create(command, context)
    change = _CHANGES.get(type(command))
    if change is None:
        raise InvalidCommand(
            [("", Text(f"{command.ACTION} gibt es bei Webhooks nicht", f"a webhook knows no {command.ACTION}"))]
        )
    if webhook is None or not webhook.known_to(context.actor) or webhook.state == "deleted":
        raise NotFound(CATEGORY, context.stream.partition(":")[2])
    if isinstance(command, Redeliver) and webhook.state == "ended":
        raise InvalidCommand([("", ENDED)])
    return [(context.stream, change(webhook, command, context.actor.user))]


def _create(command: CreateWebhook, context: Context) -> list[Emitted]:
    actor = context.actor
    member = context.find(staff_stream(actor.user), StaffMember)
    created = WebhookCreated(
        webhook=command.webhook, url=command.url, types=tuple(sorted(set(command.types))),
        subjects=tuple(sorted(set(command.subjects))), owner=actor.user, roles=tuple(sorted(actor.roles)),
        authority=actor.authority, clearance=actor.clearance,
        token=getattr(actor, "token", None),  # who has signed on elsewhere has none
        stay=member.stays if member is not None else 0, digest=command.digest,
    )  # fmt: skip
    return [(stream(command.webhook), created)]


def _redeliver(webhook: Webhook, command: Redeliver, user: str) -> Event:
    return WebhookRedelivered(webhook=webhook.id, positions=command.positions, by=user)


def _delete(webhook: Webhook, _: Command, user: str) -> Event:
    return WebhookDeleted(webhook=webhook.id, by=user)


_CHANGES: dict[type[Command], Callable[..., Event]] = {Redeliver: _redeliver, DeleteWebhook: _delete}
KIND = Kind(evolve, decide)
