"""A record as a file: cases and documents as a tree, what is chosen in it beside, with what may be done."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.representation import Fields
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.pages.base.acting import Absent, Key, Refused, label_done, perform, resolve_deputy
from api.pages.base.forms import build_entries, collect_choices
from api.pages.base.labels import LEVELS, action_label, label, rank_action
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import LoggedIn, OwnForm, Visitor
from api.pages.clerk.action_forms import ActionForm
from api.pages.clerk.contents import Paper, describe_file, find_document
from api.pages.clerk.refusals import explain_option
from api.pages.clerk.story import name_parts, tell
from scanning.limits import LIMITS
from workflow.engine.access import Protection
from workflow.engine.machine import Option
from workflow.errors import NotFound
from workflow.organisation.working_days import local_day
from workflow.records.record import Life, Record
from workflow.routing_slips.machine import MACHINE as SLIPS

router = create_page_router()
PATH = "/pages/things/records/{id}"
EVENTS_SHOWN = 100
OF_DOCUMENT = ("check_out", "check_in", "finalise")
"""Actions on a document, besides a new version, which is brought as a file."""
BY_FILE = frozenset({"add_document", "add_version", "create"})
IMPLIED = frozenset({"case", "document", "resubmission", "process"})
"""Fields that what is chosen says already."""
Chosen = Annotated[str, Query(max_length=100)]


class Place(NamedTuple):
    """What is chosen in the tree: a case, perhaps a document in it; else the record."""

    case: Fields | None
    document: Fields | None
    number: int = 0
    """Of the document's version."""

    def to_query(self) -> dict[str, str]:
        if self.document is not None:
            return {"document": str(self.document["id"])}
        return {"part": str(self.case["id"])} if self.case is not None else {}


@router.get(PATH)
def show_record(
    who: LoggedIn, key: Key, absent: Absent = "", part: Chosen = "", document: Chosen = "",
    version: Annotated[int, Query(ge=0, le=100_000)] = 0, until: Annotated[int | None, Query(ge=1, le=10**15)] = None,
) -> Response:  # fmt: skip
    return _render_record(who, key, absent, part, document, version, until=until)


@router.post(PATH + "/{action}")
def act(who: LoggedIn, form: OwnForm, key: Key, action: str) -> Response:
    """Do the action of a form; on a refusal show the page again with the reason and the values filled in."""
    absent, part, document = (form.get(name, "") for name in ("_for", "_part", "_document"))
    holder = resolve_deputy(who, absent)
    given = {"case": part} if part and not document else {}
    refused = perform(
        who, _resource(who), key, action, form, holder, given | ({"document": document} if document else {})
    )
    if refused is not None:
        return _render_record(who, key, absent, part, document, tried=refused)
    query = {"for": absent, "part": part, "document": document, "done": action}
    return redirect(f"/pages/things/records/{key}?{urlencode({n: v for n, v in query.items() if v})}")


def _resource(who: Visitor) -> Resource:
    return who.services.resources.get_resource("record")


def _render_record(
    who: Visitor, key: str, absent: str, part: str, document: str, version: int = 0,
    tried: Refused | None = None, until: int | None = None,
) -> Response:  # fmt: skip
    holder, resource = resolve_deputy(who, absent), _resource(who)
    service = who.services.resources
    answer = service.show(resource.name, key, holder)
    record: Record = service.get_entry(resource, key, holder).state
    place = _find_place(answer.resource, part, document, version)
    case = place.case["id"] if place.case else None
    options = service.actions(resource.name, key, holder, case)
    state = place.case["state"] if place.case else answer.resource["state"]
    newest = min(until or answer.version, answer.version)
    events = service.history(resource.name, key, holder, limit=EVENTS_SHOWN, after=max(0, newest - EVENTS_SHOWN)).rows
    query = {"for": absent} if absent else {}
    life: Life = record.life_of(case or record.id) or record.life
    return render_page(
        who, "record.html.j2", 200 if tried is None else 409, here_is="records", answer=answer, r=answer.resource,
        resource=resource, case=place.case, document=place.document, absent=absent, life=life,
        query=urlencode(query), today=local_day(who.services.engine.clock()).isoformat(),
        paper=_find_paper(key, record, place, query), number=place.number,
        forms=_build_forms(who, answer.resource, holder, place, options, tried),
        may={one.action for one in options if one.allowed},
        refused=[] if place.document else [
            (action_label(resource.commands, one.action, who.language),
             explain_option(resource.machine, state, holder.roles, one, who.language))
            for one in options if not one.allowed and resource.machine is not None and one.action in resource.commands
        ],
        slips=_list_slips(who, holder, life), slip_machine=SLIPS, most=_most_bytes(who),
        levels=[(one.value, label(LEVELS, one.value, who.language)) for one in Protection],
        wrong=None if tried is None else explain(tried.wrong, who.language),
        done=label_done(who, resource), **_tell_history(who, resource, answer.resource, events, newest),
    )  # fmt: skip


def _most_bytes(who: Visitor) -> int:
    """How large a file may be that is brought here; 0 where none can be."""
    return 0 if who.services.files is None else LIMITS.file_bytes


def _find_place(shown: Fields, part: str, document: str, version: int) -> Place:
    """`NotFound` where the record has no such case, document or version."""
    for case in shown["cases"]:
        for one in case["documents"]:
            if one["id"] == document:
                number = version or len(one["versions"])
                if number > len(one["versions"]):
                    raise NotFound("version", str(version))
                return Place(case, one, number)
        if case["id"] == part and not document:
            return Place(case, None)
    if part or document:
        raise NotFound("part", (document or part)[:100])
    return Place(None, None)


def _find_paper(key: str, record: Record, place: Place, query: dict[str, str]) -> Paper | None:
    document = find_document(record, place.document["id"]) if place.document is not None else None
    if document is None:
        return None
    version = document.versions[place.number - 1]
    link = f"/pages/things/records/{key}/documents/{document.id}/{place.number}/content"
    return describe_file(document.title, version, link + (f"?{urlencode(query)}" if query else ""))


def _build_forms(
    who: Visitor, shown: Fields, holder: Holder, place: Place, options: Sequence[Option], tried: Refused | None
) -> dict[str, ActionForm]:
    resource = _resource(who)
    choices = collect_choices(resource, shown, holder.user, who.language)
    found: dict[str, ActionForm] = {}
    for option in sorted(options, key=lambda one: rank_action(one.action)):
        action = option.action
        if not option.allowed or action in BY_FILE or (action in OF_DOCUMENT) is (place.document is None):
            continue
        if place.document is not None and not _fits(action, place.document, holder):
            continue
        again = tried.form if tried is not None and tried.action == action else None
        entries = build_entries(resource.commands[action], choices, again or {}, who.language)
        asked = [one for one in entries if one.name not in IMPLIED]
        found[action] = ActionForm(
            action, action_label(resource.commands, action, who.language), asked, again is not None, None
        )
    return found


def _fits(action: str, document: Fields, holder: Holder) -> bool:
    """Whether an action makes sense at a document as it stands."""
    if document["final"]:
        return False
    taken = document["checked_out_by"]
    return taken is not None if action == "check_in" else taken in {None, holder.user}


def _list_slips(who: Visitor, holder: Holder, life: Life) -> list[Fields]:
    """Routing slips of the record or case that the person may know of, those under way first."""
    found = []
    for key in (*life.open_slips, *reversed(life.past_slips)):
        stream = f"routing-slip:{key}"
        entry = who.services.resources.visibility.get_entry(stream)
        slip = None if entry is None else who.services.resources.visibility.show(stream, entry.state, holder)
        if slip is not None:
            waits = ", ".join(sorted({one.actor for one in slip.active()})) if slip.state == "circulating" else ""
            found.append({"id": key, "title": slip.title or slip.reference or key, "state": slip.state, "waits": waits})
    return found


def _tell_history(
    who: Visitor, resource: Resource, shown: Fields, events: Sequence[Fields], newest: int
) -> dict[str, Any]:
    parts = name_parts(shown, who.language)
    told = [event for event in reversed(events) if event["version"] <= newest]
    story = [{**event, "text": tell(resource.machine, event, parts, who.language)} for event in told]
    return {"story": story, "older": max(0, newest - EVENTS_SHOWN)}
