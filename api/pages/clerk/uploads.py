"""Bringing a file: a document or a new version of it into a record, mail into a folder.

The file is checked and stored as a scan is, and only then named in the log. The script of the pages sends it as the
body of a request with the fields beside it in the address, since a file may be larger than a form.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.problems import get_status
from api.application.resources.resource import Resource
from api.application.scan_evidence import ScanFiles
from api.application.service import PreparedCommand
from api.application.tokens import Holder
from api.pages.base.acting import Key, resolve_deputy
from api.pages.base.forms import parse_form
from api.pages.base.render import create_page_router, explain
from api.pages.base.visitor import LoggedIn, Visitor, is_same_site
from api.server.dependencies.uploads import receive_draft
from api.server.dependencies.work import get_work
from api.server.http.request import json_response, read_command_id
from scanning.digital_intake import make_incoming
from workflow.engine.commands import Command, parse
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound
from workflow.mail_folders.actions import Receive
from workflow.mail_folders.channels import Channel
from workflow.records.files import File
from workflow.records.work_actions import AddDocument, AddVersion
from workflow.text import Text

router = create_page_router()
MARK = "x-eva-mark"
"""Header with the CSRF token, as a hidden field of forms has it."""
NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")
EMPTY = File(sha256="0" * 64, file_name="-", size=1)
"""Stands for the file while the rest is checked."""
OF_MAIL = ("title", "sender", "protection", "proof")
"""Fields of mail besides its file and whether the law asks for the written form."""

Fields = Mapping[str, str]


class Target(NamedTuple):
    """What is done with a file: `part` is the field that names whose action it is."""

    build: Callable[[Fields, File], Command]
    part: str


def _build_document(fields: Fields, file: File) -> Command:
    body = parse_form(AddDocument, fields) | {"final": fields.get("final", "on") == "on"}
    return parse(AddDocument, {**body, "file": EMPTY.model_dump()}).model_copy(update={"file": file})


def _build_version(fields: Fields, file: File) -> Command:
    body: dict[str, Any] = {"document": fields.get("document", ""), "file": EMPTY.model_dump()}
    return parse(AddVersion, body).model_copy(update={"file": file})


def _build_mail(fields: Fields, file: File) -> Command:
    """An e-mail that somebody saved as a file; `InvalidCommand` where it is not what the channel takes."""
    given: dict[str, Any] = {name: fields[name] for name in OF_MAIL if fields.get(name)}
    given["written_form"] = fields.get("written_form") == "on"
    incoming = parse(
        Receive, {"incoming": {"channel": Channel.EMAIL.value, **given, "file": EMPTY.model_dump()}}
    ).incoming
    return Receive(incoming=make_incoming(
        Channel.EMAIL, incoming.title, file, sender=incoming.sender, protection=incoming.protection,
        written_form=incoming.written_form, proof=incoming.proof,
    ))  # fmt: skip


TARGETS = {
    ("records", "add_document"): Target(_build_document, "case"),
    ("records", "add_version"): Target(_build_version, "document"),
    ("mail-folders", "receive"): Target(_build_mail, ""),
}


@router.post("/pages/things/{plural}/{id}/{action}/content")
async def upload(request: Request, who: LoggedIn, plural: str, key: Key, action: str) -> Response:
    """Take the file in, and say where to go on; or what was wrong, in the visitor's language."""
    try:
        check_own(request, who)
        target = TARGETS.get((plural, action))
        if target is None or who.services.files is None:
            raise NotFound("page", f"{plural}/{action}"[:100])
        path = await _take_in(request, who, target, plural, key, action, who.services.files)
    except EvaError as wrong:
        return json_response({"wrong": explain(wrong, who.language)}, get_status(wrong))
    return json_response({"path": path})


def check_own(request: Request, who: Visitor) -> None:
    """Raises `Forbidden` unless the request comes from a page of this server and this visitor."""
    genuine = hmac.compare_digest(request.headers.get(MARK, "").encode(), who.csrf_token.encode())
    if not (genuine and is_same_site(request)):
        raise Forbidden("this form is not from here, or too old", "Das Formular ist nicht von hier oder veraltet")


async def _take_in(
    request: Request, who: Visitor, target: Target, plural: str, key: str, action: str, files: ScanFiles
) -> str:
    fields = dict(request.query_params)
    holder = await run_in_threadpool(resolve_deputy, who, fields.get("for", ""))
    resource = next(one for one in who.services.resources.resources.values() if one.plural == plural)
    command_id = read_command_id(request, holder.user)
    name = fields.get("file_name", "")
    if not NAME.fullmatch(name):
        raise InvalidCommand(
            [("/file_name", Text("1 bis 200 Zeichen ohne Schrägstriche", "1 to 200 characters without slashes"))]
        )
    target.build(fields, EMPTY)
    await run_in_threadpool(_check_allowed, who, resource, key, action, holder, fields)
    draft = await receive_draft(request, holder, files)
    file = await get_work(request).files.run(request, holder, lambda _: files.store_document(draft, name))
    command = target.build(fields, file)
    prepared = PreparedCommand(resource, command, holder, f"{resource.name}:{key}", None, command_id)
    await who.services.resources.execute_soon(prepared)
    query = {name: fields[name] for name in ("for",) if fields.get(name)} | {"done": action}
    part = {"case": "part", "document": "document"}.get(target.part)
    if part:
        query[part] = fields[target.part]
    return f"/pages/things/{quote(plural)}/{quote(key)}?{urlencode(query)}"


def _check_allowed(who: Visitor, resource: Resource, key: str, action: str, holder: Holder, fields: Fields) -> None:
    """Refuse before the file comes what would be refused after it; `NotFound` where they may not know of the thing."""
    options = who.services.resources.actions(resource.name, key, holder, fields.get("case") or None)
    option = next((one for one in options if one.action == action), None)
    if option is not None and not option.allowed:
        raise Forbidden(option.why_not_en or "", option.why_not_de or "")
