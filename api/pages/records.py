"""Search for records by number or title, and forms for a new record or routing slip."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.application.resources.resource import Resource
from api.pages.forms import build_entries, collect_choices, parse_form
from api.pages.render import create_page_router, explain, redirect, render_page
from api.pages.resource import resolve_deputy
from api.pages.visitor import KEY, Form, LoggedIn, OwnForm, Visitor
from api.server.http.request import KEY as KEY_FORM
from api.server.http.request import encode_cursor, parse_cursor
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreUnavailable

router = create_page_router()
ROWS = 50
CREATED_HERE = {"records": "record", "routing-slips": "routing-slip"}
Text = Annotated[str, Query(max_length=200)]


@router.get("/pages/records")
def list_records(
    who: LoggedIn, text: Text = "", place: Annotated[str, Query(alias="cursor", max_length=2000)] = ""
) -> Response:
    """Records by file number; each word of `text` must be the beginning of a word in the record."""
    if text and not text.isprintable():
        raise InvalidCommand([("/text", "printable characters")])
    after = parse_cursor(who.request, 2) if place else None
    found = who.services.resources.list("record", who.holder, filters={"text": text}, limit=ROWS, after=after)
    machine = who.services.resources.get_resource("record").machine
    more = None if found.next is None else encode_cursor(found.next)
    return render_page(
        who, "records.html.j2", here_is="records", rows=found.rows, more=more, text=text, machine=machine
    )


@router.get("/pages/new/{plural}")
def show_form(request: Request, who: LoggedIn, record: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The form for a new record, or a new routing slip, perhaps for a record."""
    return _render_form(
        who, _find_resource(who, request.path_params["plural"]), {"record": record} if record else {}, None
    )


@router.post("/pages/new/{plural}")
def create(request: Request, who: LoggedIn, form: OwnForm) -> Response:
    """Create the resource; on a refusal show the form again with the reason."""
    resource = _find_resource(who, request.path_params["plural"])
    sent = form.get(KEY, "")
    if not KEY_FORM.fullmatch(sent):
        raise InvalidCommand([("", "this form is not from here")])
    try:
        body = parse_form(resource.commands[resource.creates], form)
        created = who.services.resources.create(
            resource.name, body, who.holder, command_id=f"key:{who.holder.user}:{sent}"
        )
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _render_form(who, resource, form, wrong)
    return redirect(f"/pages/things/{resource.plural}/{created.id}")


def _find_resource(who: Visitor, plural: str) -> Resource:
    if plural not in CREATED_HERE:
        raise NotFound("page", plural[:100])
    return who.services.resources.get_resource(CREATED_HERE[plural])


def _render_form(who: Visitor, resource: Resource, form: Form, wrong: EvaError | None) -> Response:
    holder = resolve_deputy(who, "")
    choices: dict[str, Any] = {}
    if resource.name == "routing-slip" and form.get("record"):
        shown = who.services.resources.show("record", form["record"], holder)
        found = collect_choices(
            who.services.resources.get_resource("record"), shown.resource, holder.user, who.language
        )
        label = f"{shown.resource['file_number']} {shown.resource['title']}"
        choices = {"case": found.get("case", ()), "record": [(shown.id, label)]}
    fields = build_entries(resource.commands[resource.creates], choices, form, who.language)
    return render_page(
        who, "new.html.j2", 200 if wrong is None else 422, here_is="records", resource=resource, entries=fields,
        wrong=None if wrong is None else explain(wrong, who.language),
    )  # fmt: skip
