"""One thing of a sandbox in the browser: each action as whoever the tester is just now, those that are refused too."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.pages.base.acting import Key
from api.pages.base.event_text import describe_event
from api.pages.base.forms import Choices, Entry, build_entries, collect_choices, parse_form
from api.pages.base.labels import rank_action
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import KEY, Form, LoggedIn, OwnForm, Visitor
from api.pages.clerk.route_rows import ORDERS, RouteRow, Rows, change_rows, read_rows, to_specs
from api.pages.testing.sandboxes import (
    As,
    Place,
    find_holder,
    find_sandbox,
    list_people,
    list_roles_to_act,
    write_acting,
)
from api.server.sandboxes.act import Change, act_in_sandbox
from api.server.sandboxes.sandbox import Sandbox
from workflow.engine.access import ROLE_NAMES
from workflow.errors import EvaError, NotFound, StoreUnavailable
from workflow.organisation.staff.member import StaffMember
from workflow.routing_slips.events import Kind

router = create_page_router()
ROUTE = "stations"
"""The field that is filled in row by row."""
FIRST_ROWS = (RouteRow(Kind.CO_SIGN.value), RouteRow(Kind.FINAL_SIGN.value))
ABOUT = frozenset({"record", "case"})
"""Fields that say what a thing is about."""
OFFERED = 50
Chosen = Annotated[str, Query(max_length=100)]


class Scene(NamedTuple):
    """Where the tester is: the sandbox, its people, as whom they act, and on what kind of thing."""

    sandbox: Sandbox
    people: list[StaffMember]
    acting: list[tuple[str, Holder]]
    holder: Holder
    resource: Resource

    @property
    def mine(self) -> str:
        """As whom the tester acts, as addresses have it."""
        return write_acting(self.holder)

    @property
    def path(self) -> str:
        return f"/pages/sandboxes/{self.sandbox.id}/{self.resource.plural}"


class Tried(NamedTuple):
    """A form as it was sent, and what was wrong."""

    form: Form
    wrong: str = ""


def _enter(who: Visitor, place: str, plural: str, user: str) -> Scene:
    sandbox = find_sandbox(who, place)
    resources = sandbox.services.resources.resources.values()
    resource = next((one for one in resources if one.plural == plural and one.naming == "uuid"), None)
    people = list_people(sandbox)
    acting = list_roles_to_act(people, sandbox.clock.now)
    holder = find_holder(acting, user)
    if resource is None or holder is None:
        raise NotFound("page", plural[:100])
    return Scene(sandbox, people, [(write_acting(one), one) for one in acting], holder, resource)


@router.get("/pages/sandboxes/{sandbox}/{plural}/new")
def show_new(who: LoggedIn, place: Place, plural: str, user: As = "") -> Response:
    return _render_new(who, _enter(who, place, plural, user), Tried({}))


@router.post("/pages/sandboxes/{sandbox}/{plural}/new")
def create(who: LoggedIn, form: OwnForm, place: Place, plural: str) -> Response:
    """Make the thing, or change the rows of its route; on a refusal show the form again with the reason."""
    scene = _enter(who, place, plural, form.get("_as", ""))
    if form.get("_do"):
        return _render_new(who, scene, Tried(form))
    try:
        body = _read_body(scene, scene.resource.creates, form)
        made = act_in_sandbox(scene.sandbox, scene.holder, Change(scene.resource.name, body, command_id=_id(form)))
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _render_new(who, scene, Tried(form, explain(wrong, who.language)))
    return redirect(f"{scene.path}/{made.id}?{urlencode({'as': scene.mine})}")


@router.get("/pages/sandboxes/{sandbox}/{plural}/{id}")
def show_resource(
    who: LoggedIn, place: Place, plural: str, key: Key, user: As = "", part: Chosen = "",
    action: Annotated[str, Query(alias="do", max_length=60)] = "",
) -> Response:  # fmt: skip
    return _render_resource(who, _enter(who, place, plural, user), key, part, action, Tried({}))


@router.post("/pages/sandboxes/{sandbox}/{plural}/{id}/{action}")
def act(who: LoggedIn, form: OwnForm, place: Place, plural: str, key: Key, action: str) -> Response:
    """Do the action, whether the person may or not: a refusal is a step of the case as well."""
    scene, part = _enter(who, place, plural, form.get("_as", "")), form.get("_part", "")
    if action not in scene.resource.commands:
        raise NotFound("action", action[:100])
    if form.get("_do"):
        return _render_resource(who, scene, key, part, action, Tried(form))
    try:
        body = _read_body(scene, action, form)
        change = Change(scene.resource.name, body, key, action, None, _id(form))
        act_in_sandbox(scene.sandbox, scene.holder, change)
    except (StoreUnavailable, NotFound):
        raise
    except EvaError as wrong:
        return _render_resource(who, scene, key, part, action, Tried(form, explain(wrong, who.language)))
    query = {"as": scene.mine, "part": part, "done": action}
    if not _is_known(scene, key):  # whoever gave it away knows it no more
        return redirect(f"/pages/sandboxes/{place}?{urlencode(query)}")
    return redirect(f"{scene.path}/{key}?{urlencode({name: value for name, value in query.items() if value})}")


def _id(form: Form) -> str:
    """The id of the command of a form, so that it is done once however often it is sent."""
    return f"form:{form.get(KEY, '')[:64]}"


def _is_known(scene: Scene, key: str) -> bool:
    try:
        scene.sandbox.services.resources.show(scene.resource.name, key, scene.holder)
    except NotFound:
        return False
    return True


def _read_body(scene: Scene, action: str, form: Form) -> dict[str, object]:
    command = scene.resource.commands[action]
    filled = dict(form)
    if ROUTE in command.model_fields:
        filled[ROUTE] = json.dumps(to_specs(read_rows(form)))
    return parse_form(command, filled)


def _build_form(who: Visitor, scene: Scene, action: str, form: Form, choices: Choices) -> dict[str, Any]:
    """What the form of an action shows; what is JSON begins with an example, persons are those of the sandbox."""
    command = scene.resource.commands[action]
    made = scene.resource.evidence.get(action, frozenset()) - {"file"}
    example = scene.resource.examples.get(action) or command.EXAMPLE
    found = build_entries(command, choices, form, who.language, made)
    entries = [_complete_entry(one, scene, example, bool(form)) for one in found if one.name != ROUTE]
    rows: Rows = ()
    if ROUTE in command.model_fields:
        rows = change_rows(read_rows(form), form.get("_do", "")) if form else FIRST_ROWS
    return {"action": action, "entries": entries, "rows": rows, "has_route": ROUTE in command.model_fields}


def _complete_entry(entry: Entry, scene: Scene, example: Mapping[str, Any], sent: bool) -> Entry:
    if entry.kind == "person":
        return replace(entry, kind="choice", options=[(one.user, one.user) for one in scene.people])
    if entry.name in ABOUT and not entry.required and not sent:
        return replace(entry, value="")  # that there is only one record does not mean that it is about that
    if entry.kind == "json" and entry.required and not sent and entry.name in example:
        return replace(entry, value=json.dumps(example[entry.name], ensure_ascii=False, default=str))
    return entry


def _collect_records(scene: Scene) -> dict[str, Sequence[tuple[str, str]]]:
    """Records and their cases, which other things name by their ids."""
    service = scene.sandbox.services.resources
    found: dict[str, list[tuple[str, str]]] = {"record": [], "case": []}
    for row in service.list("record", scene.holder, limit=OFFERED).rows:
        found["record"].append((row["id"], f"{row['file_number']} {row['title']}"))
        shown = service.show("record", row["id"], scene.holder).resource
        found["case"] += [(case["id"], f"{case['number']} {case['title']}") for case in shown["cases"]]
    return {name: many for name, many in found.items() if many}


def _render_new(who: Visitor, scene: Scene, tried: Tried) -> Response:
    form = _build_form(who, scene, scene.resource.creates, tried.form, _collect_records(scene))
    return render_page(
        who, "sandbox_new.html.j2", 409 if tried.wrong else 200, here_is="replays", scene=scene, form=form,
        wrong=tried.wrong, kinds=[kind.value for kind in Kind], orders=ORDERS, asked=tried.form.get("_do", ""),
    )  # fmt: skip


def _render_resource(who: Visitor, scene: Scene, key: str, part: str, action: str, tried: Tried) -> Response:
    service, resource = scene.sandbox.services.resources, scene.resource
    answer = service.show(resource.name, key, scene.holder)
    options = sorted(
        service.actions(resource.name, key, scene.holder, part or None), key=lambda one: rank_action(one.action)
    )
    chosen = action if any(one.action == action for one in options) else next(
        (one.action for one in options if one.allowed), ""
    )  # fmt: skip
    choices = {
        **_collect_records(scene),
        **collect_choices(resource, answer.resource, scene.holder.acts_as, who.language),
    }
    done = who.request.query_params.get("done", "")
    return render_page(
        who, "sandbox_resource.html.j2", 409 if tried.wrong else 200, here_is="replays", scene=scene, answer=answer,
        options=options, chosen=next((one for one in options if one.action == chosen), None), part=part,
        parts=list(answer.resource.get(resource.parts or f"{resource.part}s", ()) if resource.part else ()),
        form=_build_form(who, scene, chosen, tried.form, choices) if chosen else None, wrong=tried.wrong,
        done=done if done in resource.commands else "", kinds=[kind.value for kind in Kind], orders=ORDERS,
        asked=tried.form.get("_do", ""), history=service.history(resource.name, key, scene.holder).rows[::-1],
        describe_event=lambda event: describe_event(resource.machine, event, who.language), roles=ROLE_NAMES,
    )  # fmt: skip
