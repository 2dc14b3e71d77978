"""Records found by number or title, and forms for a new record or routing slip."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.application.resources.resource import Resource
from api.pages.base import KEY, FilledIn, Form, Looking, Visitor, back, explained, page, page_router
from api.pages.forms import body_of_form, choices_of, entries
from api.pages.resource import acting
from api.server.http.request import KEY as KEY_FORM
from api.server.http.request import cursor, parse_cursor
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreUnavailable

router = page_router()
ROWS = 50
MADE_HERE = {"records": "record", "routing-slips": "routing-slip"}
Text = Annotated[str, Query(max_length=200)]


@router.get("/pages/records")
def records(
    who: Looking, text: Text = "", place: Annotated[str, Query(alias="cursor", max_length=2000)] = ""
) -> Response:
    """Records in which every word of the text begins some word, by file number."""
    if text and not text.isprintable():
        raise InvalidCommand([("/text", "printable characters")])
    after = parse_cursor(who.request, 2) if place else None
    found = who.services.resources.list("record", who.holder, filters={"text": text}, limit=ROWS, after=after)
    machine = who.services.resources.get_resource("record").machine
    more = None if found.next is None else cursor(found.next)
    return page(who, "records.html.j2", here_is="records", rows=found.rows, more=more, text=text, machine=machine)


@router.get("/pages/new/{plural}")
def new(request: Request, who: Looking, record: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The form for a new record, or a new routing slip, perhaps for a record."""
    return _new(who, _noun(who, request.path_params["plural"]), {"record": record} if record else {}, None)


@router.post("/pages/new/{plural}")
def make(request: Request, who: Looking, form: FilledIn) -> Response:
    """Make what the form says; on a refusal the form again."""
    resource = _noun(who, request.path_params["plural"])
    sent = form.get(KEY, "")
    if not KEY_FORM.fullmatch(sent):
        raise InvalidCommand([("", "this form is not from here")])
    try:
        body = body_of_form(resource.commands[resource.creates], form)
        made = who.services.resources.create(
            resource.name, body, who.holder, command_id=f"key:{who.holder.user}:{sent}"
        )
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _new(who, resource, form, wrong)
    return back(f"/pages/things/{resource.plural}/{made.id}")


def _noun(who: Visitor, plural: str) -> Resource:
    if plural not in MADE_HERE:
        raise NotFound("page", plural[:100])
    return who.services.resources.get_resource(MADE_HERE[plural])


def _new(who: Visitor, resource: Resource, form: Form, wrong: EvaError | None) -> Response:
    holder = acting(who, "")
    choices: dict[str, Any] = {}
    if resource.name == "routing-slip" and form.get("record"):
        shown = who.services.resources.show("record", form["record"], holder)
        cases = choices_of(
            who.services.resources.get_resource("record"), shown.resource, holder.user, who.language
        ).get("case", ())
        label = f"{shown.resource['file_number']} {shown.resource['title']}"
        choices = {"case": cases, "record": [(shown.id, label)]}
    found = entries(resource.commands[resource.creates], choices, form, who.language)
    return page(
        who, "new.html.j2", 200 if wrong is None else 422, here_is="records", resource=resource, entries=found,
        wrong=None if wrong is None else explained(wrong, who.language),
    )  # fmt: skip
