"""The page of one resource: its data, history, allowed actions, and why others are refused."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.resource import Resource
from api.pages.base.acting import Absent, Key, Refused, perform, resolve_deputy
from api.pages.base.event_text import describe_event
from api.pages.base.forms import Choices, build_entries, collect_choices
from api.pages.base.labels import rank_action
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import LoggedIn, OwnForm, Visitor
from workflow.engine.machine import Option
from workflow.errors import NotFound

router = create_page_router()
ROWS = 50
EVENTS_SHOWN = 100


@router.get("/pages/things/{plural}/{id}")
def show_resource(
    who: LoggedIn, plural: str, key: Key, absent: Absent = "", part: Annotated[str, Query(max_length=100)] = "",
    until: Annotated[int | None, Query(ge=1, le=10**15)] = None,
) -> Response:  # fmt: skip
    """The thing as it is now, and its events up to version `until`."""
    return _render_resource(who, _find_resource(who, plural), key, absent, part, until=until)


@router.post("/pages/things/{plural}/{id}/{action}")
def act(who: LoggedIn, form: OwnForm, plural: str, key: Key, action: str) -> Response:
    """Do the action of a form; on a refusal show the page again with the reason and the values filled in."""
    resource = _find_resource(who, plural)
    absent, part = form.get("_for", ""), form.get("_part", "")
    holder = resolve_deputy(who, absent)
    refused = perform(who, resource, key, action, form, holder)
    if refused is not None:
        return _render_resource(who, resource, key, absent, part, refused)
    query = {name: value for name, value in {"for": absent, "part": part, "done": action}.items() if value}
    return redirect(f"/pages/things/{resource.plural}/{key}?{urlencode(query)}")


def _find_resource(who: Visitor, plural: str) -> Resource:
    found = next((one for one in who.services.resources.resources.values() if one.plural == plural), None)
    if found is None or found.naming != "uuid":  # what is kept once for an authority has no page of its own
        raise NotFound("page", plural[:100])
    return found


def _render_resource(
    who: Visitor, resource: Resource, key: str, absent: str, part: str,
    tried: Refused | None = None, until: int | None = None,
) -> Response:  # fmt: skip
    holder = resolve_deputy(who, absent)
    service = who.services.resources
    answer = service.show(resource.name, key, holder)
    options = service.actions(resource.name, key, holder, part or None)
    choices = collect_choices(resource, answer.resource, holder.acts_as, who.language)
    allowed = sorted((option for option in options if option.allowed), key=lambda option: rank_action(option.action))
    forms = [_build_form(who, resource, option, choices, tried) for option in allowed]
    refused = [(one.action, who.say(one.why_not_de or "", one.why_not_en or "")) for one in options if not one.allowed]
    parts = answer.resource.get(f"{resource.part}s", ()) if resource.part else ()
    done = who.request.query_params.get("done", "")
    newest = min(until or answer.version, answer.version)
    older = max(0, newest - EVENTS_SHOWN)
    events = service.history(resource.name, key, holder, limit=EVENTS_SHOWN, after=older).rows
    events = [event for event in events if event["version"] <= newest]
    return render_page(
        who, "resource.html.j2", 200 if tried is None else 409, here_is="", resource=resource, answer=answer,
        forms=forms, refused=refused, history=events[::-1], older=older, absent=absent,
        part=part, parts=list(parts), done=done if done in resource.commands else "",
        wrong=None if tried is None else explain(tried.wrong, who.language),
        describe_event=lambda event: describe_event(resource.machine, event, who.language),
    )  # fmt: skip


def _build_form(
    who: Visitor, resource: Resource, option: Option, choices: Choices, tried: Refused | None
) -> dict[str, Any]:
    again = tried.form if tried is not None and tried.action == option.action else {}
    made = resource.evidence.get(option.action, frozenset())
    entries = build_entries(resource.commands[option.action], choices, again, who.language, made)
    return {"action": option.action, "entries": entries, "open": bool(again)}
