"""Sandboxes in the browser: made, people entered, the clock moved, and what was done taken away as a replay file."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, unquote, urlencode

from fastapi import Path, Query
from pydantic_core import from_json, to_json
from starlette.responses import Response

from api.application.errors import TooMany
from api.application.tokens import Holder
from api.pages.base.labels import action_label
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor
from api.replay.recorder.recorder import NothingDone, write_replay
from api.server.routes.sandboxes.requests import describe_recorder
from api.server.sandboxes.registry import get_sandboxes
from api.server.sandboxes.sandbox import Sandbox
from workflow.engine.access import ROLE_NAMES, Protection, Role
from workflow.engine.fields import BERLIN
from workflow.errors import EvaError, InvalidCommand, NotFound
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.working_days import start_of
from workflow.text import Text

router = create_page_router()
Place = Annotated[str, Path(alias="sandbox", max_length=64)]
As = Annotated[str, Query(alias="as", max_length=120)]
"""Parameter of a page: as whom the tester acts."""
AUTHORITY = "mwide"
OFFICE = {
    "mueller": Role.CASE_WORKER, "schmidt": Role.APPROVER, "weber": Role.APPROVER, "registratur": Role.REGISTRAR,
}  # fmt: skip
"""Whom a new sandbox has, where the tester does not want it empty."""
STEPS = {"day": "P1D", "week": "P7D", "month": "P30D"}
LISTED = 50
"""Things of each kind."""


class Refusal(NamedTuple):
    """What was wrong, in the visitor's language, and what the form had said."""

    why: str = ""
    form: Form = MappingProxyType({})


class Step(NamedTuple):
    """What somebody asked for, perhaps for the `absent`, on what kind of thing, and whether it was refused."""

    user: str
    absent: str
    what: str
    action: str
    refused: bool


def find_sandbox(who: Visitor, key: str) -> Sandbox:
    """One of the visitor's own; `NotFound` for all others, and for those whose time is up."""
    found = get_sandboxes(who.request).get(key)
    if found.owner != who.holder.user:
        raise NotFound("sandbox", key)
    return found


def list_people(sandbox: Sandbox) -> list[StaffMember]:
    streams = sandbox.engine.log.streams("staff", most=sandbox.bounds.persons)
    return sorted((sandbox.engine.load(stream).state for stream in streams), key=lambda member: member.user)


def list_roles_to_act(people: list[StaffMember], now: datetime) -> list[Holder]:
    """As whom the tester may act: each person, and each deputy in the place of the absent."""
    own = {one.user: Holder(one.user, one.roles, one.authority, one.clearance) for one in people}
    found = list(own.values())
    for absent in people:
        now_deputies = (one.deputy for one in absent.deputies if one.since <= now < one.until)
        found += [dataclasses.replace(own[name], on_behalf_of=absent.user) for name in now_deputies if name in own]
    return found


def write_acting(holder: Holder | None) -> str:
    """As whom the tester acts, as addresses and forms have it: names hold no slash."""
    if holder is None:
        return ""
    return holder.user if holder.on_behalf_of is None else f"{holder.user}/{holder.on_behalf_of}"


def find_holder(acting: list[Holder], asked: str) -> Holder | None:
    """The one asked for, else the first; None where nobody is there."""
    return next((one for one in acting if write_acting(one) == asked), acting[0] if acting else None)


@router.get("/pages/sandboxes")
def list_sandboxes(who: LoggedIn) -> Response:
    return _render_list(who, Refusal())


@router.post("/pages/sandboxes")
def make_sandbox(who: LoggedIn, form: OwnForm) -> Response:
    """A new one, with a small office in it where that is ticked."""
    try:
        start = _parse_day(form.get("start", ""), "start") if form.get("start") else None
        title = form.get("title", "").strip()[:200] or who.say("Sandkasten", "Sandbox")
        made = get_sandboxes(who.request).create(who.holder.user, title, start)
        for user, role in OFFICE.items() if "office" in form else ():
            made.enter_person(user, (role,), AUTHORITY, Protection.NORMAL)
    except (InvalidCommand, TooMany) as wrong:
        return _render_list(who, Refusal(explain(wrong, who.language), form))
    return redirect(f"/pages/sandboxes/{made.id}")


def _parse_day(text: str, field: str) -> datetime:
    """The beginning of a working day, at eight in the morning."""
    try:
        return datetime.combine(date.fromisoformat(text), time(8), BERLIN)
    except ValueError as wrong:
        raise InvalidCommand([(f"/{field}", Text("ist kein Tag", "is no day"))]) from wrong


def _render_list(who: Visitor, refused: Refusal) -> Response:
    rows = get_sandboxes(who.request).list_for(who.holder.user)
    return render_page(
        who, "sandboxes.html.j2", 409 if refused.why else 200, here_is="replays", rows=rows, refused=refused
    )


@router.get("/pages/sandboxes/{sandbox}")
def show_sandbox(who: LoggedIn, place: Place, user: As = "") -> Response:
    return _render_sandbox(who, find_sandbox(who, place), user, Refusal())


@router.post("/pages/sandboxes/{sandbox}/clock")
def move_clock(who: LoggedIn, form: OwnForm, place: Place) -> Response:
    """Time passes: a step, up to a day, or up to what happens next by itself."""
    sandbox, user = find_sandbox(who, place), form.get("_as", "")
    try:
        if form.get("to") == "next":
            due = sandbox.engine.next_timer()
            passed = None if due is None else sandbox.advance_clock(None, max(due, sandbox.clock.now), who.language)
        elif form.get("to") == "until":
            passed = sandbox.advance_clock(None, _parse_day(form.get("until", ""), "until"), who.language)
        else:
            passed = sandbox.advance_clock(STEPS.get(form.get("to", ""), ""), None, who.language)
    except (InvalidCommand, TooMany) as wrong:
        return _render_sandbox(who, sandbox, user, Refusal(explain(wrong, who.language), form))
    happened = 0 if passed is None else len(passed["events"])
    return redirect(f"/pages/sandboxes/{place}?{urlencode({'as': user, 'happened': happened})}")


@router.post("/pages/sandboxes/{sandbox}/people")
def enter_person(who: LoggedIn, form: OwnForm, place: Place) -> Response:
    sandbox, user = find_sandbox(who, place), form.get("user", "").strip()
    try:
        role, clearance = Role(form.get("role", "")), Protection(form.get("clearance", Protection.NORMAL))
        sandbox.enter_person(user, (role,), form.get("authority", "").strip() or None, clearance)
    except ValueError:
        return _render_sandbox(who, sandbox, "", Refusal(who.say("Diese Rolle gibt es nicht", "No such role"), form))
    except EvaError as wrong:
        return _render_sandbox(who, sandbox, form.get("_as", ""), Refusal(explain(wrong, who.language), form))
    return redirect(f"/pages/sandboxes/{place}?{urlencode({'as': user})}")


@router.post("/pages/sandboxes/{sandbox}/deputies")
def appoint_deputy(who: LoggedIn, form: OwnForm, place: Place) -> Response:
    """Somebody acts for the person as whom the tester acts, from now to the end of a day."""
    sandbox, asked = find_sandbox(who, place), form.get("_as", "")
    holder = find_holder(list_roles_to_act(list_people(sandbox), sandbox.clock.now), asked)
    if holder is None:
        raise NotFound("person", asked)
    try:
        until = start_of(_parse_day(form.get("last", ""), "until").date() + timedelta(days=1))
        sandbox.appoint_deputy(holder.user, form.get("deputy", ""), sandbox.clock.now, until, holder)
    except EvaError as wrong:
        return _render_sandbox(who, sandbox, asked, Refusal(explain(wrong, who.language), form))
    return redirect(f"/pages/sandboxes/{place}?{urlencode({'as': asked})}")


@router.post("/pages/sandboxes/{sandbox}/drop")
def drop_sandbox(who: LoggedIn, _form: OwnForm, place: Place) -> Response:
    get_sandboxes(who.request).drop(find_sandbox(who, place).id)
    return redirect("/pages/sandboxes")


@router.get("/pages/sandboxes/{sandbox}/replay")
def save_replay(who: LoggedIn, place: Place, title: Annotated[str, Query(max_length=200)] = "") -> Response:
    """All that was done, as a file that `eva replay` takes; `NotFound` while there is nothing."""
    sandbox = find_sandbox(who, place)
    try:
        recorded = from_json(to_json({**describe_recorder(sandbox), "now": sandbox.clock.now}))
        text = write_replay(recorded, title or sandbox.title)
    except NothingDone as wrong:
        raise NotFound("replay", place) from wrong
    name = "-".join("".join(c if c.isalnum() else " " for c in (title or sandbox.title).lower()).split()) or "replay"
    said = f"attachment; filename=\"replay.yaml\"; filename*=UTF-8''{quote(name)}.yaml"
    return Response(text, media_type="application/yaml", headers={"content-disposition": said})


def _describe_step(who: Visitor, sandbox: Sandbox, request: Mapping[str, Any]) -> Step:
    """A recorded request in words."""
    parts = [unquote(part) for part in request["path"].strip("/").split("/")]
    parts = parts[2:] if parts[0] == "sandboxes" else parts
    resources = sandbox.services.resources.resources.values()
    resource = next((one for one in resources if parts and one.plural == parts[0]), None)
    refused = request["status"] >= 400
    if resource is None:
        return Step(request["user"], "", "/".join(parts), "", refused)
    action = parts[3] if len(parts) == 4 else resource.creates
    what = who.say(resource.de, resource.en)
    label = action_label(resource.commands, action, who.language)
    return Step(request["user"], request["on_behalf_of"] or "", what, label, refused)


def _render_sandbox(who: Visitor, sandbox: Sandbox, user: str, refused: Refusal) -> Response:
    people, due = list_people(sandbox), sandbox.engine.next_timer()
    acting = list_roles_to_act(people, sandbox.clock.now)
    holder = find_holder(acting, user)
    resources = [one for one in sandbox.services.resources.resources.values() if one.naming == "uuid"]
    found: list[tuple[Any, Any]] = []
    if holder is not None:
        found = [(one, sandbox.services.resources.list(one.name, holder, limit=LISTED).rows) for one in resources]
    happened = who.request.query_params.get("happened", "")
    return render_page(
        who, "sandbox.html.j2", 409 if refused.why else 200, here_is="replays", sandbox=sandbox, people=people,
        acting=[(write_acting(one), one) for one in acting], mine=write_acting(holder),
        holder=holder, due=due, things=found, refused=refused, roles=ROLE_NAMES, authority=AUTHORITY,
        steps=[_describe_step(who, sandbox, one) for one in sandbox.recorder.read()],
        happened=happened if happened.isdecimal() and len(happened) < 6 else "",
        levels=list(Protection), humans=[role for role in ROLE_NAMES if role is not Role.SYSTEM],
    )  # fmt: skip
