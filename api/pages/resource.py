"""A person's inbox, and the page of one resource: its data, history, allowed actions, and why others are refused."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query
from starlette.responses import Response

from api.application.resources.records import build_page
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.pages.event_text import describe_event
from api.pages.forms import Choices, build_entries, collect_choices, parse_form
from api.pages.labels import FIRST
from api.pages.render import create_page_router, explain, redirect, render_page
from api.pages.visitor import Cursor, Form, LoggedIn, OwnForm, Visitor, get_command_id
from api.server.http.request import encode_cursor, parse_cursor
from workflow.engine.machine import Option
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound, StoreUnavailable
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.working_days import local_day

router = create_page_router()
ROWS = 50
Key = Annotated[str, Path(alias="id")]
Absent = Annotated[str, Query(alias="for", max_length=120)]


@router.get("/pages/inbox")
def show_inbox(who: LoggedIn, absent: Absent = "", cursor: Cursor = "") -> Response:
    """What waits for the person, or for the one whose deputy they are; the most urgent first."""
    holder = resolve_deputy(who, absent)
    after = parse_cursor(who.request, 3) if cursor else None
    rows = who.services.views.inbox(holder.acts_as, holder.clearance, ROWS + 1, after)
    page = build_page(rows, ROWS, "deadline", "stream", "item")
    shown = [{**row, "plural": who.services.resources.get_resource(row["kind"]).plural} for row in page.rows]
    today = local_day(who.services.engine.clock()).isoformat()
    return render_page(
        who, "inbox.html.j2", here_is="inbox", rows=shown, more=encode_cursor(page.next), absent=absent, today=today
    )


def resolve_deputy(who: Visitor, absent: str) -> Holder:
    """The visitor's rights, for `absent` if one is given; raises `Forbidden` unless they are the deputy now."""
    if not absent:
        return who.holder
    holder = replace(who.holder, on_behalf_of=absent)
    if not deputises(holder.user, absent, who.services.resources.visibility.context("staff", holder)):
        raise Forbidden(f"{holder.user} is no deputy of {absent} now", f"{holder.user} vertritt {absent} zurzeit nicht")
    return holder


@router.get("/pages/things/{plural}/{id}")
def show_resource(
    who: LoggedIn, plural: str, key: Key, absent: Absent = "", part: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    return _render_resource(who, _find_resource(who, plural), key, absent, part)


@router.post("/pages/things/{plural}/{id}/{action}")
def act(who: LoggedIn, form: OwnForm, plural: str, key: Key, action: str) -> Response:
    """Do the action of a form; on a refusal show the page again with the reason and the values filled in."""
    resource = _find_resource(who, plural)
    absent, part = form.get("_for", ""), form.get("_part", "")
    holder = resolve_deputy(who, absent)
    model = resource.commands.get(action)
    if model is None or action == resource.creates:
        raise NotFound("action", action[:100])
    command_id, version = get_command_id(holder, form), form.get("_version", "")
    if not version.isdecimal():
        raise InvalidCommand([("", "this form is not from here")])
    try:
        body = parse_form(model, form)
        who.services.resources.act(
            resource.name, key, action, body, holder,
            expected_version=int(version[:18]), command_id=command_id,
        )  # fmt: skip
    except (StoreUnavailable, NotFound):
        raise
    except EvaError as wrong:
        return _render_resource(who, resource, key, absent, part, (action, form, wrong))
    query = {name: value for name, value in {"for": absent, "part": part, "done": action}.items() if value}
    return redirect(f"/pages/things/{resource.plural}/{key}?{urlencode(query)}")


def _find_resource(who: Visitor, plural: str) -> Resource:
    found = next((one for one in who.services.resources.resources.values() if one.plural == plural), None)
    if found is None or found.naming != "uuid":  # what is kept once for an authority has no page of its own
        raise NotFound("page", plural[:100])
    return found


def _render_resource(
    who: Visitor, resource: Resource, key: str, absent: str, part: str, tried: tuple[str, Form, EvaError] | None = None
) -> Response:
    holder = resolve_deputy(who, absent)
    service = who.services.resources
    answer = service.show(resource.name, key, holder)
    options = service.actions(resource.name, key, holder, part or None)
    choices = collect_choices(resource, answer.resource, holder.acts_as, who.language)
    allowed = sorted((option for option in options if option.allowed), key=lambda option: _rank(option.action))
    forms = [_build_form(who, resource, option, choices, tried) for option in allowed]
    refused = [(one.action, who.say(one.why_not_de or "", one.why_not_en or "")) for one in options if not one.allowed]
    parts = answer.resource.get(f"{resource.part}s", ()) if resource.part else ()
    done = who.request.query_params.get("done", "")
    return render_page(
        who, "resource.html.j2", 200 if tried is None else 409, here_is="", resource=resource, answer=answer,
        forms=forms, refused=refused, history=service.history(resource.name, key, holder)[::-1], absent=absent,
        part=part, parts=list(parts), done=done if done in resource.commands else "",
        wrong=None if tried is None else explain(tried[2], who.language),
        describe_event=lambda event: describe_event(resource.machine, event, who.language),
    )  # fmt: skip


def _rank(action: str) -> int:
    return FIRST.index(action) if action in FIRST else len(FIRST)


def _build_form(
    who: Visitor, resource: Resource, option: Option, choices: Choices, tried: tuple[str, Form, EvaError] | None
) -> dict[str, Any]:
    again = tried[1] if tried is not None and tried[0] == option.action else {}
    entries = build_entries(resource.commands[option.action], choices, again, who.language)
    return {"action": option.action, "entries": entries, "open": bool(again)}
