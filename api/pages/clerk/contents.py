"""Reading the files of documents, of what is enclosed in a routing slip, and of incoming mail.

Whoever may know the thing may read its files; a file is read only where the server itself said in the log that it has
it, so that nobody reads somebody else's file by naming its hash.
"""

from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Path, Query
from starlette.responses import FileResponse, Response

from api.application.tokens import Holder
from api.pages.base.acting import Absent, Key, resolve_deputy
from api.pages.base.render import create_page_router
from api.pages.base.visitor import LoggedIn, Visitor
from scanning.inspection.plain_text import PLAIN_TEXT, find_charset
from workflow.errors import NotFound
from workflow.mail_folders.mail_folder import MailFolder
from workflow.records.files import File, Version
from workflow.records.record import Document, Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips.events import Enclosure
from workflow.routing_slips.routing_slip import RoutingSlip

router = create_page_router()
INLINE = frozenset({"application/pdf", "image/jpeg", "image/png", PLAIN_TEXT})
"""What browsers show themselves."""
POLICY = "default-src 'none'; object-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""The browser's own viewers need no more."""
Part = Annotated[str, Path(max_length=40)]
Number = Annotated[int, Path(ge=1, le=100_000)]
Save = Annotated[bool, Query(alias="save")]


class Paper(NamedTuple):
    """A file as a page offers it: where it is read, None where the server has no file."""

    title: str
    link: str | None
    media_type: str
    file_name: str

    @property
    def is_shown(self) -> bool:
        """Whether the browser can show it."""
        return self.link is not None and self.media_type in INLINE

    @property
    def picture(self) -> bool:
        return self.media_type.startswith("image/")


def describe_file(title: str, file: File | Version | None, link: str) -> Paper:
    if file is None:
        return Paper(title, None, "", "")
    return Paper(title, link if file.stored else None, file.media_type, file.file_name)


def find_enclosed(who: Visitor, slip: RoutingSlip, enclosure: Enclosure) -> Version | None:
    """The version that is enclosed, of the slip's own record: whoever is to sign it may read it."""
    entry = who.services.resources.visibility.get_entry(record_stream(slip.record)) if slip.record else None
    if entry is None or not isinstance(entry.state, Record) or enclosure.document is None:
        return None
    found = (one for one in entry.state.documents() if one.id == enclosure.document)
    return next((one for document in found for one in document.versions if one.sha256 == enclosure.sha256), None)


def list_enclosed(who: Visitor, key: str, slip: RoutingSlip, query: str) -> list[Paper]:
    before = f"/pages/things/routing-slips/{key}/documents"
    return [
        describe_file(one.title, find_enclosed(who, slip, one), f"{before}/{number}/content{query}")
        for number, one in enumerate(slip.documents, 1)
    ]


@router.get("/pages/things/routing-slips/{id}/documents/{number}/content")
def read_enclosure(who: LoggedIn, key: Key, number: Number, absent: Absent = "", save: Save = False) -> Response:
    holder = resolve_deputy(who, absent)
    slip = get_state(who, "routing-slip", key, holder)
    if not isinstance(slip, RoutingSlip) or number > len(slip.documents):
        raise NotFound("document", str(number))
    return _send(who, find_enclosed(who, slip, slip.documents[number - 1]), save)


@router.get("/pages/things/records/{id}/documents/{document}/{number}/content")
def read_version(
    who: LoggedIn, key: Key, document: Part, number: Number, absent: Absent = "", save: Save = False
) -> Response:
    record = get_state(who, "record", key, resolve_deputy(who, absent))
    found = find_document(record, document) if isinstance(record, Record) else None
    if found is None or number > len(found.versions):
        raise NotFound("document", document)
    return _send(who, found.versions[number - 1], save)


@router.get("/pages/things/mail-folders/{id}/items/{item}/content")
def read_item(who: LoggedIn, key: Key, item: Part, absent: Absent = "", save: Save = False) -> Response:
    folder = get_state(who, "mail-folder", key, resolve_deputy(who, absent))
    if not isinstance(folder, MailFolder) or item not in folder.items:
        raise NotFound("item", item)
    return _send(who, folder.items[item].incoming.file, save)


def get_state(who: Visitor, name: str, key: str, holder: Holder) -> object:
    """What the person may know of a thing; `NotFound`."""
    service = who.services.resources
    return service.get_entry(service.get_resource(name), key, holder).state


def find_document(record: Record, document: str) -> Document | None:
    return next((one for one in record.documents() if one.id == document), None)


def _send(who: Visitor, file: File | Version | None, save: bool) -> Response:
    if file is None or not file.stored or who.services.files is None:
        raise NotFound("file", "-")
    inline = file.media_type in INLINE and not save
    name = quote(file.file_name, safe="")
    headers = {
        "content-disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{name}",
        "content-security-policy": POLICY,
        "x-frame-options": "SAMEORIGIN",
    }
    path = who.services.files.store.path(file.sha256)
    charset = f"; charset={find_charset(path)}" if file.media_type == PLAIN_TEXT else ""
    return FileResponse(path, media_type=file.media_type + charset, headers=headers)
