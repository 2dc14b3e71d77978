"""A routing slip as a person reads it: what is enclosed, who holds it since when, what is asked of them now."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.representation import Fields
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.pages.base.acting import Absent, Key, Refused, label_done, perform, resolve_deputy
from api.pages.base.forms import build_entries
from api.pages.base.labels import STATIONS, TASKS, action_label, label
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor
from api.pages.clerk.action_forms import ActionForm
from api.pages.clerk.contents import list_enclosed
from api.pages.clerk.enclosures import Enclosable, list_enclosable, read_enclosures
from api.pages.clerk.refusals import explain_option
from api.pages.clerk.story import HIDDEN, name_parts, tell
from workflow.engine.machine import Option
from workflow.organisation.working_days import local_day
from workflow.routing_slips.routing_slip import KINDS_OF_ACTION, RoutingSlip, Station, find_station

router = create_page_router()
PATH = "/pages/things/routing-slips/{id}"
EVENTS_SHOWN = 200
MAIN = {
    "co_sign": "sign", "final_sign": "sign", "approve": "approve", "acknowledge": "acknowledge", "comment": "comment",
    "dispatch": "dispatch", "close": "close",
}  # fmt: skip
"""Kind of a station -> the action that it asks for."""
OWNERS_MAIN = {"draft": "start", "returned": "start", "paused": "resume", "completed": "file"}
COMPOSED = frozenset({"plan", "insert"})
"""Actions that have a page of their own, on which a route is composed."""
ASKED = {"station": frozenset({"skip", "overrule"})}
"""Fields that are asked for only at these actions; else they go without saying."""


@router.get(PATH)
def show_slip(
    who: LoggedIn, key: Key, absent: Absent = "", document: Annotated[int, Query(ge=1, le=500)] = 1,
    until: Annotated[int | None, Query(ge=1, le=10**15)] = None,
) -> Response:  # fmt: skip
    return render_slip(who, key, absent, document=document, until=until)


@router.post(PATH + "/{action}")
def act(who: LoggedIn, form: OwnForm, key: Key, action: str) -> Response:
    """Do the action of a form; on a refusal show the page again with the reason and the values filled in."""
    absent = form.get("_for", "")
    holder = resolve_deputy(who, absent)
    service = who.services.resources
    given = {}
    if "_enclosures" in form:
        slip = service.get_entry(_resource(who), key, holder).state
        given = {"documents": json.dumps(read_enclosures(form, list_enclosable(who, holder, slip.record, slip)))}
    refused = perform(who, _resource(who), key, action, form, holder, given)
    if refused is not None:
        return render_slip(who, key, absent, tried=refused)
    query = {name: value for name, value in {"for": absent, "done": action}.items() if value}
    return redirect(f"/pages/things/routing-slips/{key}?{urlencode(query)}")


def _resource(who: Visitor) -> Resource:
    return who.services.resources.get_resource("routing-slip")


def render_slip(
    who: Visitor, key: str, absent: str, tried: Refused | None = None, document: int = 1, until: int | None = None
) -> Response:
    holder, resource = resolve_deputy(who, absent), _resource(who)
    answer = who.services.resources.show(resource.name, key, holder)
    slip: RoutingSlip = who.services.resources.get_entry(resource, key, holder).state
    here = who.services.resources.visibility.context(f"{resource.name}:{key}", holder)
    mine = find_station(slip, None, "", here)
    mine = mine if mine is not None and mine.status == "active" else None
    options = who.services.resources.actions(resource.name, key, holder)
    forms = _build_forms(who, key, holder, slip, options, tried)
    main = _find_main(slip, mine, forms)
    query = f"?{urlencode({'for': absent})}" if absent else ""
    events = _read_history(who, resource, key, holder, min(until or answer.version, answer.version))
    return render_page(
        who, "routing_slip.html.j2", 200 if tried is None else 409, here_is="inbox", answer=answer, r=answer.resource,
        resource=resource, papers=list_enclosed(who, key, slip, query), chosen=document, absent=absent, query=query,
        mine=mine and next(s for s in answer.resource["stations"] if s["id"] == mine.id),
        main=main, main_label=_label_main(main, mine, who.language), refuse=forms.get("refuse"),
        others=[one for one in forms.values() if one is not main and one.action != "refuse"],
        refused=[
            (action_label(resource.commands, one.action, who.language),
             explain_option(resource.machine, slip.state, holder.roles, one, who.language))
            for one in options if not one.allowed and resource.machine is not None
        ],
        wrong=None if tried is None else explain(tried.wrong, who.language),
        done=label_done(who, resource), record=_find_record(who, holder, slip),
        today=local_day(who.services.engine.clock()).isoformat(), owner=holder.acts_as == slip.owner,
        **_tell_history(who, resource, answer.resource, events),
    )  # fmt: skip


def _build_forms(
    who: Visitor, key: str, holder: Holder, slip: RoutingSlip, options: Sequence[Option], tried: Refused | None
) -> dict[str, ActionForm]:
    """Forms of what may be done now, by action; the person's own work first."""
    choices = _list_choices(slip, who.language)
    found: dict[str, ActionForm] = {}
    for option in options:
        if not option.allowed or option.action in {"open", "create"}:
            continue
        command = _resource(who).commands[option.action]
        again = tried.form if tried is not None and tried.action == option.action else None
        filled: Form = again if again is not None else _fill(option.action, slip)
        entries = [
            entry for entry in build_entries(command, choices, filled, who.language)
            if option.action in ASKED.get(entry.name, {option.action}) and entry.name not in {"documents", "record"}
            and entry.name != "case"
        ]  # fmt: skip
        if option.action == "file" and slip.record:
            entries = []
        link = _compose_link(key, option.action, holder) if option.action in COMPOSED else None
        encloses: Sequence[Enclosable] = ()
        if "documents" in command.model_fields and (option.action != "comment" or _may_change(slip, holder)):
            encloses = list_enclosable(who, holder, slip.record, slip)
        found[option.action] = ActionForm(
            option.action, action_label(_resource(who).commands, option.action, who.language), entries,
            again is not None, link, encloses,
        )  # fmt: skip
    return found


def _may_change(slip: RoutingSlip, holder: Holder) -> bool:
    """Whether a comment may bring new content: at a station for it."""
    kinds = {one.kind.value for one in slip.active() if one.actor == holder.acts_as}
    return "comment" in kinds


def _compose_link(key: str, action: str, holder: Holder) -> str:
    query = {"do": action} | ({"for": holder.on_behalf_of} if holder.on_behalf_of else {})
    return f"/pages/things/routing-slips/{key}/route?{urlencode(query)}"


def _fill(action: str, slip: RoutingSlip) -> dict[str, str]:
    return {"title": slip.title, "note": slip.note} if action == "revise" else {}


def _list_choices(slip: RoutingSlip, language: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    numbered = [
        (str(number), f"{number}. {label(STATIONS, one.kind.value, language)}, {one.actor}", one)
        for number, one in enumerate(slip.ordered(), 1)
    ]
    open_ones = [(number, text) for number, text, one in numbered if not one.terminal or one.refused]
    return {"station": open_ones}


def _find_main(slip: RoutingSlip, mine: Station | None, forms: Mapping[str, ActionForm]) -> ActionForm | None:
    if mine is not None:
        return forms.get(MAIN.get(mine.kind.value, ""))
    return forms.get(OWNERS_MAIN.get(slip.state, ""))


def _label_main(main: ActionForm | None, mine: Station | None, language: str) -> str:
    if main is None:
        return ""
    answers = mine is not None and mine.kind in KINDS_OF_ACTION.get(main.action, frozenset({mine.kind}))
    return label(TASKS, mine.kind.value, language) if mine is not None and answers else main.label


def _find_record(who: Visitor, holder: Holder, slip: RoutingSlip) -> Fields | None:
    """Number, title and place of the record, where the person may know of it."""
    if slip.record is None:
        return None
    service = who.services.resources
    entry = service.visibility.get_entry(f"record:{slip.record}")
    shown = None if entry is None else service.visibility.show(f"record:{slip.record}", entry.state, holder)
    if shown is None:
        return None
    case = shown.cases.get(slip.case) if slip.case else None
    life = case.life if case else shown.life
    part = f"?{urlencode({'part': slip.case})}" if case else ""
    return {"number": life.number, "title": life.title, "path": f"/pages/things/records/{slip.record}{part}"}


def _read_history(who: Visitor, resource: Resource, key: str, holder: Holder, newest: int) -> list[Fields]:
    older = max(0, newest - EVENTS_SHOWN)
    rows = who.services.resources.history(resource.name, key, holder, limit=EVENTS_SHOWN, after=older).rows
    return [row for row in rows if row["version"] <= newest]


def _tell_history(who: Visitor, resource: Resource, shown: Fields, events: Sequence[Fields]) -> dict[str, Any]:
    """The story, newest first, since when stations are active, and where the story goes on."""
    parts = name_parts(shown, who.language)
    story = [
        {**event, "text": tell(resource.machine, event, parts, who.language)}
        for event in reversed(events) if event["type"] not in HIDDEN
    ]  # fmt: skip
    since = {
        str((event["data"] or {}).get("station")): event["time"]
        for event in events if event["type"] in {"slip.station_activated", "slip.station_delegated"}
    }  # fmt: skip
    return {"story": story, "since": since, "older": events[0]["version"] - 1 if events else 0}
