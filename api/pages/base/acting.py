"""What a form does: the action on a thing, in one's own name or as a deputy."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, NamedTuple

from fastapi import Path, Query

from api.application.resources.resource import Resource
from api.application.service import Answer
from api.application.tokens import Holder
from api.pages.base.forms import parse_form
from api.pages.base.labels import action_label
from api.pages.base.meanwhile import is_still_good
from api.pages.base.visitor import Form, Visitor, get_command_id
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound, StaleVersion, StoreUnavailable
from workflow.organisation.staff.deputies import deputises
from workflow.text import Text

Key = Annotated[str, Path(alias="id", max_length=200)]
Absent = Annotated[str, Query(alias="for", max_length=120)]
"""Parameter of a page: whose deputy the visitor acts as."""


def label_done(who: Visitor, resource: Resource) -> str:
    """What the visitor has just done, as the address says; empty where it names nothing."""
    done = who.request.query_params.get("done", "")
    return action_label(resource.commands, done, who.language) if done in resource.commands else ""


class Refused(NamedTuple):
    """What was tried with a form, and what was wrong."""

    action: str
    form: Form
    wrong: EvaError


def resolve_deputy(who: Visitor, absent: str) -> Holder:
    """The visitor's rights, for `absent` if one is given; raises `Forbidden` unless they are the deputy now."""
    if not absent:
        return who.holder
    holder = replace(who.holder, on_behalf_of=absent)
    if not deputises(holder.user, absent, who.services.resources.visibility.context("staff", holder)):
        raise Forbidden(f"{holder.user} is no deputy of {absent} now", f"{holder.user} vertritt {absent} zurzeit nicht")
    return holder


def perform(
    who: Visitor, resource: Resource, key: str, action: str, form: Form, holder: Holder,
    given: Mapping[str, str] | None = None,
) -> Refused | None:  # fmt: skip
    """Do the action of a form, with `given` fields instead of those of the form; None where it is done.

    Raises `NotFound` where there is no such thing or action, `StoreUnavailable`, and `InvalidCommand` for a form that
    is not from here.
    """
    _read_version(holder, form)
    try:
        act_by_form(who, resource, key, action, {**form, **(given or {})}, holder)
    except (StoreUnavailable, NotFound):
        raise
    except EvaError as wrong:
        return Refused(action, form, wrong)
    return None


def act_by_form(who: Visitor, resource: Resource, key: str, action: str, form: Form, holder: Holder) -> Answer:
    """Do the action of a form; raises what `workflow.errors` lists."""
    model = resource.commands.get(action)
    if model is None or action == resource.creates:
        raise NotFound("action", action[:100])
    command_id, version = _read_version(holder, form)
    body = who.services.complete_body(resource, key, action, parse_form(model, form), holder, command_id)
    stream, shown = f"{resource.name}:{key}", version
    while True:  # ends: each time round the thing has moved on further, and too far is not good any more
        try:
            return who.services.resources.act(
                resource.name, key, action, body, holder, expected_version=version, command_id=command_id
            )
        except StaleVersion as moved:
            if moved.stream != stream or not is_still_good(who.services.engine.log, stream, shown, moved.actual):
                raise
            version = moved.actual


def _read_version(holder: Holder, form: Form) -> tuple[str, int]:
    """Id of the command of a form, and the version that it was made for; raises `InvalidCommand` where it has none."""
    command_id, version = get_command_id(holder, form), form.get("_version", "")
    if not version.isdecimal():
        raise InvalidCommand([("", Text("dieses Formular ist nicht von hier", "this form is not from here"))])
    return command_id, int(version[:18])
