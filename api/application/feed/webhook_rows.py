"""Webhooks and their dead letters as they are shown, over HTTP and at the command line."""

from collections.abc import Sequence
from enum import StrEnum

from typing_extensions import TypedDict

from api.application.feed.owner import find_owner
from api.application.resources.resource import UUID
from api.application.webhooks.reasons import tell_in_german
from api.application.webhooks.webhook import CATEGORY, Webhook, check_admin, stream
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.engine.store.deliveries import Receiver
from workflow.errors import NotFound


class WebhookState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"
    """By its receiver (410)."""


class WebhookRow(TypedDict):
    """A webhook and how far it is. `attempts` and `refusals`: how often the next event met nobody, and was refused;
    `why` says what the last failure was, `why_de` in German, null where all is well.
    """

    id: str
    url: str
    types: list[str]
    subjects: list[str]
    owner: str
    authority: str | None
    state: WebhookState
    in_force: bool
    position: int
    attempts: int
    refusals: int
    next_attempt: str | None
    why: str | None
    why_de: str | None
    dead_letters: int


class DeadLetterRow(TypedDict):
    """An event that was given up, by its position in the log, after so many requests (`attempts`); `waiting` where it
    is to be tried again.
    """

    position: int
    attempts: int
    failed: str
    why: str
    why_de: str
    waiting: bool


def find_webhook(engine: Engine, actor: Actor, name: str) -> Webhook:
    """A webhook that somebody may know of; `Forbidden` to who is no admin, `NotFound` for all else."""
    check_admin(actor)
    found = engine.find(stream(name), Webhook) if UUID.fullmatch(name) else None
    if found is None or found.state == "deleted" or not found.known_to(actor):
        raise NotFound(CATEGORY, name)
    return found


def describe_webhooks(engine: Engine, webhooks: Sequence[Webhook]) -> list[WebhookRow]:
    names = [one.id for one in webhooks]
    receivers = {one.name: one for one in engine.deliveries.list_receivers(names)}
    dead = engine.deliveries.count_dead(names)
    return [_describe(engine, one, receivers.get(one.id), dead.get(one.id, 0)) for one in webhooks]


def _describe(engine: Engine, webhook: Webhook, receiver: Receiver | None, dead: int) -> WebhookRow:
    """`receiver` is None until the first look at a new one."""
    if receiver is None:
        created = engine.log.read(stream(webhook.id), most=1)[0]
        receiver = Receiver(webhook.id, created.position, created.time)
    return {
        "id": webhook.id, "url": webhook.url, "types": sorted(webhook.selection.types),
        "subjects": sorted(webhook.selection.subjects), "owner": webhook.owner.user,
        "authority": webhook.owner.authority, "state": WebhookState(webhook.state),
        "in_force": find_owner(engine, webhook) is not None, "position": receiver.position,
        "attempts": receiver.attempts, "refusals": receiver.refusals,
        "next_attempt": receiver.at if receiver.attempts or receiver.refusals else None,
        "why": receiver.why, "why_de": tell_in_german(receiver.why) if receiver.why else receiver.why,
        "dead_letters": dead,
    }  # fmt: skip


def describe_dead_letters(engine: Engine, webhook: str, after: int, most: int) -> list[DeadLetterRow]:
    """Those behind a position, in the order of the log."""
    return [
        {"position": one.position, "attempts": one.attempts, "failed": one.failed, "why": one.why,
         "why_de": tell_in_german(one.why), "waiting": one.again}
        for one in engine.deliveries.list_dead(webhook, after, most)
    ]  # fmt: skip
