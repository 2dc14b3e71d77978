"""Composing a route: a new routing slip, another route for one, stations put in; by buttons and keys, row by row.

A button that changes rows sends the form and gets it back changed; nothing is decided until it is sent as a whole.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.representation import Fields
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.pages.base.acting import Absent, Key, Refused, perform, resolve_deputy
from api.pages.base.forms import build_entries, parse_form
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor, get_command_id
from api.pages.clerk.enclosures import list_enclosable, read_enclosures
from api.pages.clerk.route_rows import ORDERS, RouteRow, Rows, change_rows, from_specs, read_rows, to_specs
from api.pages.clerk.routing_slip import render_slip
from workflow.errors import EvaError, StoreUnavailable
from workflow.routes.route import Block, Leaf
from workflow.routing_slips.events import Kind, ParallelSpec, SequenceSpec, Spec, StationSpec
from workflow.routing_slips.routing_slip import RoutingSlip
from workflow.routing_slips.templates import Templates
from workflow.routing_slips.templates import stream as templates_stream

router = create_page_router()
NEW = "/pages/new/routing-slips"
ROUTE = "/pages/things/routing-slips/{id}/route"
FIRST_ROWS = (RouteRow(Kind.CO_SIGN.value), RouteRow(Kind.FINAL_SIGN.value))
ABOUT = ("title", "note", "protection", "four_eyes", "refusal")
"""Fields of a new slip besides its route, record and documents."""
Doing = Annotated[str, Query(alias="do", pattern="^(plan|insert)$")]


class Draft(NamedTuple):
    """What stands in the form."""

    form: Form
    rows: Rows
    record: str = ""
    wrong: str = ""
    template: str = ""
    """Name of a template that is nested too deep to be edited here; then it is used as it is."""


@router.get(NEW)
def show_new(
    who: LoggedIn, record: Annotated[str, Query(max_length=100)] = "", case: Annotated[str, Query(max_length=100)] = "",
    document: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    form = {"case": case, "_document": document}
    return _render_new(who, Draft(form, FIRST_ROWS, record))


@router.post(NEW)
def create(who: LoggedIn, form: OwnForm) -> Response:
    """Create the slip, or change the rows of its route; on a refusal show the form again with the reason, and where
    only the start is refused, the slip, which then exists.
    """
    draft = _read_draft(who, form, form.get("record", ""))
    if draft.wrong or form.get("_do"):
        return _render_new(who, draft)
    command_id, resource = get_command_id(who.holder, form), _resource(who)
    offered = list_enclosable(who, who.holder, draft.record, None)
    filled = dict(form) | {"documents": json.dumps(read_enclosures(form, offered))} | _write_route(draft)
    try:
        body = parse_form(resource.commands[resource.creates], filled)
        created = who.services.resources.create(resource.name, body, who.holder, command_id=command_id)
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _render_new(who, draft._replace(wrong=explain(wrong, who.language)))
    refused = _start(who, created.id, form, f"{command_id}-start") if form.get("_start") else None
    if refused is not None:
        return render_slip(who, created.id, "", tried=refused)
    return redirect(f"/pages/things/routing-slips/{created.id}")


def _start(who: Visitor, key: str, form: Form, command_id: str) -> Refused | None:
    """Start a new slip; None where it is done."""
    try:
        who.services.resources.act("routing-slip", key, "start", {}, who.holder, command_id=command_id)
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return Refused("start", form, wrong)
    return None


@router.get(ROUTE)
def show_route(who: LoggedIn, key: Key, do: Doing = "plan", absent: Absent = "") -> Response:
    holder = resolve_deputy(who, absent)
    slip: RoutingSlip = who.services.resources.get_entry(_resource(who), key, holder).state
    rows = from_specs(_to_specs_of(slip)) if do == "plan" else (RouteRow(),)
    return _render_route(who, key, holder, do, absent, Draft({}, FIRST_ROWS if rows is None else rows))


@router.post(ROUTE)
def change_route(who: LoggedIn, form: OwnForm, key: Key) -> Response:
    absent, do = form.get("_for", ""), "insert" if form.get("_action") == "insert" else "plan"
    holder = resolve_deputy(who, absent)
    draft = _read_draft(who, form, "")
    if draft.wrong or form.get("_do"):
        return _render_route(who, key, holder, do, absent, draft)
    refused = perform(who, _resource(who), key, do, form, holder, _write_route(draft))
    if refused is not None:
        return _render_route(who, key, holder, do, absent, draft._replace(wrong=explain(refused.wrong, who.language)))
    query = urlencode({name: value for name, value in {"for": absent, "done": do}.items() if value})
    return redirect(f"/pages/things/routing-slips/{key}?{query}")


def _resource(who: Visitor) -> Resource:
    return who.services.resources.get_resource("routing-slip")


def _write_route(draft: Draft) -> dict[str, str]:
    return {"template": draft.template} if draft.template else {"stations": json.dumps(to_specs(draft.rows))}


def _read_draft(who: Visitor, form: Form, record: str) -> Draft:
    """The form after the button that was pressed, if any."""
    draft, asked = Draft(form, read_rows(form), record, template=form.get("_template", "")), form.get("_do", "")
    if asked == "use":
        return _use_template(who, draft, form.get("template_name", ""))
    if asked == "drop":
        return draft._replace(template="", rows=FIRST_ROWS)
    if asked == "save":
        return _save_template(who, draft)
    return draft._replace(rows=change_rows(draft.rows, asked))


def _use_template(who: Visitor, draft: Draft, name: str) -> Draft:
    found = _find_templates(who).get(name)
    if found is None:
        return draft
    rows = from_specs(found)
    return draft._replace(template=name, rows=()) if rows is None else draft._replace(rows=rows, template="")


def _save_template(who: Visitor, draft: Draft) -> Draft:
    body = {"name": draft.form.get("template_new", "").strip(), "stations": to_specs(draft.rows)}
    command_id = f"{get_command_id(who.holder, draft.form)}-template"
    try:
        who.services.resources.create("templates", body, who.holder, command_id=command_id)
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return draft._replace(wrong=explain(wrong, who.language))
    return draft


def _find_templates(who: Visitor) -> Mapping[str, Sequence[Spec]]:
    """Those of the visitor's authority, by name."""
    if who.holder.authority is None:
        return {}
    entry = who.services.resources.visibility.get_entry(templates_stream(who.holder.authority))
    state = entry.state if entry is not None else None
    return dict(sorted(state.routes.items())) if isinstance(state, Templates) else {}


def _to_specs_of(slip: RoutingSlip) -> list[Spec]:
    """The route of a slip as stations to plan anew."""

    def to_spec(part: Leaf | Block) -> Spec:
        if isinstance(part, Leaf):
            plan = slip.stations[part.station].plan.model_dump(exclude={"id"})
            day = None if plan["deadline_days"] else plan["deadline"]  # counted anew from the next delivery
            return StationSpec(**{**plan, "actor": slip.stations[part.station].actor, "deadline": day})
        inner = tuple(to_spec(one) for one in part.parts)
        return ParallelSpec(parallel=inner) if part.order == "parallel" else SequenceSpec(sequence=inner)

    return [to_spec(part) for part in slip.route.parts]


def _describe_rows(who: Visitor, draft: Draft) -> dict[str, Any]:
    """What the part of the form with the rows shows."""
    return {
        "rows": draft.rows, "kinds": [kind.value for kind in Kind], "orders": ORDERS,
        "templates": list(_find_templates(who)), "whole": draft.template, "form": draft.form,
        "keeps_templates": who.holder.authority is not None, "asked": draft.form.get("_do", ""),
    }  # fmt: skip


def _render_new(who: Visitor, draft: Draft) -> Response:
    resource, form = _resource(who), draft.form
    shown = _show_record(who, draft.record)
    entries = build_entries(resource.commands[resource.creates], {}, form, who.language)
    offered = [
        one._replace(enclosed=one.value in form.values() if "_enclosures" in form
                     else one.value.endswith(f":{form.get('_document')}"))
        for one in list_enclosable(who, who.holder, draft.record, None)
    ]  # fmt: skip
    return render_page(
        who, "new_slip.html.j2", 422 if draft.wrong else 200, here_is="slips", record=shown, offered=offered,
        entries=[one for name in ABOUT for one in entries if one.name == name], wrong=draft.wrong,
        cases=[(case["id"], f"{case['number']} {case['title']}") for case in (shown or {}).get("cases", ())],
        **_describe_rows(who, draft),
    )  # fmt: skip


def _show_record(who: Visitor, record: str) -> Fields | None:
    if not record:
        return None
    answer = who.services.resources.show("record", record, who.holder)
    return {**answer.resource, "id": answer.id}


def _render_route(who: Visitor, key: str, holder: Holder, do: str, absent: str, draft: Draft) -> Response:
    service = who.services.resources
    answer = service.show("routing-slip", key, holder)
    places = [one for one in answer.resource["stations"] if one["status"] in {"active", "planned"}]
    return render_page(
        who, "slip_route.html.j2", 409 if draft.wrong else 200, here_is="inbox", answer=answer, r=answer.resource,
        do=do, absent=absent, places=places, wrong=draft.wrong, **_describe_rows(who, draft),
    )  # fmt: skip
