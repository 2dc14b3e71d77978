"""A person's inbox, and the page of one resource: its data, history, allowed actions, and why others are refused."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.application.resources.records import build_page
from api.application.resources.resource import Resource
from api.application.service import Answer
from api.application.tokens import Holder
from api.pages.event_text import describe_event
from api.pages.forms import Choices, Entry, build_entries, collect_choices, parse_form
from api.pages.labels import FIRST
from api.pages.render import create_page_router, explain, redirect, render_page
from api.pages.visitor import KEY, Form, LoggedIn, OwnForm, Visitor
from api.server.http.request import KEY as KEY_FORM
from api.server.http.request import encode_cursor, parse_cursor
from workflow.engine.machine import Option
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound, StoreUnavailable
from workflow.organisation.staff.member import deputises
from workflow.organisation.working_days import local_day

router = create_page_router()
ROWS = 50
Absent = Annotated[str, Query(alias="for", max_length=120)]


@router.get("/pages/inbox")
def show_inbox(who: LoggedIn, absent: Absent = "", cursor: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """What waits for the person, or for the one whose deputy they are; the most urgent first."""
    holder = resolve_deputy(who, absent)
    after = parse_cursor(who.request, 3) if cursor else None
    rows = who.services.views.inbox(holder.acts_as, holder.clearance, ROWS + 1, after)
    page = build_page(rows, ROWS, "deadline", "stream", "item")
    plural = {resource.name: resource.plural for resource in who.services.resources.resources.values()}
    shown = [{**row, "plural": plural[row["kind"]]} for row in page.rows]
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
    request: Request, who: LoggedIn, absent: Absent = "", part: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """One record, routing slip, mail folder or scan batch."""
    resource = _find_resource(who, request.path_params["plural"])
    return _render_resource(who, resource, request.path_params["id"], absent, part)


@router.post("/pages/things/{plural}/{id}/{action}")
def act(request: Request, who: LoggedIn, form: OwnForm) -> Response:
    """Do the action of a form; on a refusal show the page again with the reason and the values filled in."""
    resource, key, action = (
        _find_resource(who, request.path_params["plural"]),
        request.path_params["id"],
        request.path_params["action"],
    )
    absent, part = form.get("_for", ""), form.get("_part", "")
    holder = resolve_deputy(who, absent)
    model = resource.commands.get(action)
    if model is None or action == resource.creates:
        raise NotFound("action", action[:100])
    sent, version = form.get(KEY, ""), form.get("_version", "")
    if not KEY_FORM.fullmatch(sent) or not version.isdecimal():
        raise InvalidCommand([("", "this form is not from here")])
    try:
        body = parse_form(model, form)
        who.services.resources.act(
            resource.name, key, action, body, holder,
            expected_version=int(version[:18]), command_id=f"key:{holder.user}:{sent}",
        )  # fmt: skip
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        if isinstance(wrong, NotFound):
            raise
        return _render_resource(who, resource, key, absent, part, (action, form, wrong))
    return redirect(_address(resource, key, absent, part, action))


def _address(resource: Resource, key: str, absent: str, part: str, done: str) -> str:
    query = {"for": absent, "part": part, "done": done}
    return f"/pages/things/{resource.plural}/{key}?" + urlencode({k: v for k, v in query.items() if v})


def _find_resource(who: Visitor, plural: str) -> Resource:
    found = next(
        (resource for resource in who.services.resources.resources.values() if resource.plural == plural), None
    )
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
    refused = [(option.action, who.say(option.why_not_de or "", option.why_not_en or "")) for option in options
               if not option.allowed]  # fmt: skip
    done = who.request.query_params.get("done", "")
    return render_page(
        who, "resource.html.j2", 200 if tried is None else 409, here_is="", resource=resource, answer=answer,
        forms=forms, refused=refused, history=service.history(resource.name, key, holder)[::-1], absent=absent,
        part=part, parts=_parts(resource, answer), done=done if done in resource.commands else "",
        wrong=None if tried is None else explain(tried[2], who.language),
        describe_event=lambda event: describe_event(resource.machine, event, who.language),
    )  # fmt: skip


def _rank(action: str) -> int:
    """Position of an action among the most used."""
    return FIRST.index(action) if action in FIRST else len(FIRST)


def _parts(resource: Resource, answer: Answer) -> list[dict[str, Any]]:
    """Cases of a record, items of a folder or batch."""
    found = answer.resource.get(f"{resource.part}s", ()) if resource.part else ()
    return list(found)


def _build_form(
    who: Visitor, resource: Resource, option: Option, choices: Choices, tried: tuple[str, Form, EvaError] | None
) -> dict[str, Any]:
    again = tried[1] if tried is not None and tried[0] == option.action else {}
    model = resource.commands[option.action]
    found: list[Entry] = build_entries(model, choices, again, who.language)
    return {"action": option.action, "entries": found, "open": bool(again)}
