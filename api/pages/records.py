"""Search for records by number or title, and a form for a new record."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.application.resources.resource import Resource
from api.pages.base.forms import Entry, build_entries, parse_form
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import Cursor, Form, LoggedIn, OwnForm, Visitor, get_command_id
from api.server.http.request import encode_cursor, parse_cursor
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreUnavailable
from workflow.file_plan.file_plan import FilePlan, plan_stream
from workflow.records.machine import MACHINE
from workflow.text import Text

router = create_page_router()
ROWS = 50
SHOWN = 3
"""Documents of a record that are named where their text was found."""
CREATED_HERE = {"records": "record"}
Words = Annotated[str, Query(max_length=200)]


@router.get("/pages/records")
def list_records(who: LoggedIn, text: Words = "", cursor: Cursor = "") -> Response:
    """Records by file number; each word of `text` must begin a word of the record, or of its documents' text."""
    if text and not text.isprintable():
        raise InvalidCommand([("/text", Text("druckbare Zeichen", "printable characters"))])
    after = parse_cursor(who.request, 2) if cursor else None
    found = who.services.resources.list("record", who.holder, filters={"text": text}, limit=ROWS, after=after)
    more = encode_cursor(found.next)
    places = _find_places(who, [row["id"] for row in found.rows], text)
    return render_page(
        who, "records.html.j2", here_is="records", rows=found.rows, more=more, text=text, machine=MACHINE, places=places
    )


def _find_places(who: Visitor, keys: Sequence[str], text: str) -> dict[str, list[tuple[str, str, int]]]:
    """By record on the page: documents in whose text a word was found, as number and title, id, and page."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for stream, places in who.services.views.find_places([f"record:{key}" for key in keys], text).items():
        key = stream.partition(":")[2]
        shown = who.services.resources.show("record", key, who.holder).resource
        titles = {
            document["id"]: f"{document['number']} {document['title']}"
            for case in shown["cases"] for document in case["documents"]
        }  # fmt: skip
        named = [(titles[place.document], place.document, place.page) for place in places if place.document in titles]
        found[key] = named[:SHOWN]
    return found


@router.get("/pages/new/{plural}")
def show_form(who: LoggedIn, plural: str) -> Response:
    return _render_form(who, _find_resource(who, plural), {}, None)


@router.post("/pages/new/{plural}")
def create(who: LoggedIn, form: OwnForm, plural: str) -> Response:
    """Create the resource; on a refusal show the form again with the reason."""
    resource = _find_resource(who, plural)
    command_id = get_command_id(who.holder, form)
    try:
        body = parse_form(resource.commands[resource.creates], form)
        created = who.services.resources.create(resource.name, body, who.holder, command_id=command_id)
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _render_form(who, resource, form, wrong)
    return redirect(f"/pages/things/{resource.plural}/{created.id}")


def _find_resource(who: Visitor, plural: str) -> Resource:
    if plural not in CREATED_HERE:
        raise NotFound("page", plural[:100])
    return who.services.resources.get_resource(CREATED_HERE[plural])


def _offer_units(who: Visitor, fields: Sequence[Entry]) -> list[Entry]:
    """The field for the unit of the file plan as a choice of those in which a record may be made, where there is a
    plan.
    """
    stream, visibility = plan_stream(who.holder.authority or ""), who.services.resources.visibility
    entry = visibility.get_entry(stream)
    plan = None if entry is None else visibility.show(stream, entry.state, who.holder)
    if not isinstance(plan, FilePlan):
        return list(fields)
    units = [
        (unit.code, f"{unit.code} {unit.title}")
        for unit in sorted(plan.units.values(), key=lambda unit: unit.code)
        if not unit.closed and plan.is_leaf(unit.code)
    ]
    return [replace(one, kind="choice", options=units) if one.name == "file_plan_code" else one for one in fields]


def _render_form(who: Visitor, resource: Resource, form: Form, wrong: EvaError | None) -> Response:
    fields = _offer_units(who, build_entries(resource.commands[resource.creates], {}, form, who.language))
    return render_page(
        who, "new.html.j2", 200 if wrong is None else 422, here_is="records", resource=resource, entries=fields,
        wrong=None if wrong is None else explain(wrong, who.language),
    )  # fmt: skip
