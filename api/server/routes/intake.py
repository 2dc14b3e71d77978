"""What comes in: digital channels with what each needs of a file, and whether the sheets of scan batches add up."""

from itertools import takewhile
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.resources.mail_folders import RESOURCE, MailFolderRepresentation
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import get_services
from api.server.dependencies.work import GivenUp, get_work
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, location, path_parameter
from api.server.http.request import change_response, json_response, locate, read_command_id
from api.server.http.router import Router
from scanning.batches.sheet_count import describe_counts, read_batches
from scanning.digital_intake import ReceiveMail, receive_mail
from workflow.engine.access import Protection
from workflow.engine.commands import parse
from workflow.mail_folders.channels import CHANNELS, Channel, ChannelRules

router = Router()
LARGEST = 200_000
SHA = "ab" * 32


class ChannelRow(TypedDict):
    """A digital channel, and what it needs."""

    channel: Channel
    name: str
    name_de: str
    basis: str
    lowest_protection: Protection
    above_bytes: int
    at_most_bytes: int | None
    needs_sender: bool
    needs_reference: bool
    media_types: list[str]
    opens: str | None
    closes: str | None


class ChannelList(TypedDict):
    """Every channel that bypasses paper."""

    items: list[ChannelRow]


class CountRow(TypedDict):
    """Sheets in = out + excluded + under way + difference."""

    envelopes: int
    items: int
    sheets_in: int
    sheets_out: int
    excluded: int
    under_way: int
    difference: int
    closed: bool


class BatchCount(CountRow):
    batch: str


class CentreCount(CountRow):
    centre: str
    day: str


class MismatchRow(TypedDict):
    """Two counts that should agree and do not; `item` is null for a batch as a whole."""

    batch: str
    item: int | None
    counts: str
    expected: int
    found: int


class SheetCounts(TypedDict):
    """Of the batches that the caller may know of: each, by centre and day of arrival, and what does not agree."""

    batches: list[BatchCount]
    centres: list[CentreCount]
    mismatches: list[MismatchRow]


class MailFolderOpened(MailFolderRepresentation):
    """The new folder, and the events of it."""

    kind: str
    id: str
    version: int
    events: list[dict[str, Any]]


def describe_channel(channel: Channel, rules: ChannelRules) -> ChannelRow:
    return {
        "channel": channel, "name": rules.name.en, "name_de": rules.name.de, "basis": rules.basis,
        "lowest_protection": rules.lowest_protection, "above_bytes": rules.above_bytes,
        "at_most_bytes": rules.at_most_bytes, "needs_sender": rules.needs_sender,
        "needs_reference": rules.needs_reference, "media_types": list(rules.media_types),
        "opens": rules.opens.isoformat() if rules.opens else None,
        "closes": rules.closes.isoformat() if rules.closes else None,
    }  # fmt: skip


_ROWS = [describe_channel(channel, rules) for channel, rules in CHANNELS.items()]
_COUNT: CountRow = {
    "envelopes": 1, "items": 1, "sheets_in": 2, "sheets_out": 2, "excluded": 0, "under_way": 0, "difference": 0,
    "closed": True,
}  # fmt: skip
_FILE = {"sha256": SHA, "file_name": "antrag.pdf", "media_type": "application/pdf", "size": 48213}
_FOLDER = {
    "kind": "mail-folder", "id": "12494e95-ace6-5d35-a6f1-94b060a59557", "version": 2, "state": "received",
    "authority": "mwide", "unit": "poststelle", "title": "Portal, Antrag mit Nutzerkonto", "protection": "normal",
    "items": [{
        "id": "b6bae108-cea2-5419-aac1-9ec8cbbe8d4f", "state": "received", "title": "antrag.pdf", "channel": "portal",
        "sender": "nutzerkonto-4711", "protection": "normal", "reference": "V-2021-0815", "file": _FILE, "proof": None,
        "assigned_to": None, "accepted": False, "record": None, "case": None, "document": None,
    }],
    "events": [],
}  # fmt: skip
_BATCH = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@router.get(
    "/intake/channels",
    response_model=ChannelList,
    **describe_operation("list_channel", tag="intake", example={"items": _ROWS}),
)
async def list_channels(caller: Caller) -> Response:  # noqa: ARG001 - for those who are known
    """Digital channels that bypass paper, with what each needs of a file."""
    return json_response({"items": _ROWS})


@router.post(
    "/intake/{channel}",
    response_model=MailFolderOpened,
    **describe_operation(
        "receive_mail", tag="intake", status=201, key=True, example=_FOLDER, headers=location("the mail folder"),
        parameters=[path_parameter("channel", "How it came in.", Channel.PORTAL, enum=[*CHANNELS])],
        body=json_body(ReceiveMail, {
            "files": [_FILE],
            "sender": "nutzerkonto-4711", "reference": "V-2021-0815",
        }),
    ),
)  # fmt: skip
async def receive(request: Request, caller: Caller) -> Response:
    """Put the files of one transaction into a new mail folder; 422 names what the channel needs.

    The folder holds name, size, type and SHA-256 of each file.
    """
    key = read_command_id(request, caller.user)
    told = parse(ReceiveMail, await read_body(request, LARGEST) or b"{}")
    body = receive_mail(request.path_params["channel"], told, caller).model_dump(mode="json")
    services = get_services(request)
    prepared = services.resources.prepare(RESOURCE.name, None, None, body, caller, None, key)
    done = await services.resources.execute_soon(prepared)
    result = await run_in_threadpool(services.resources.answer, prepared, done)
    return change_response(result, 201, locate(request, RESOURCE.plural, result.id))


@router.get(
    "/scan-counts",
    response_model=SheetCounts,
    **describe_operation("count_sheets", tag="intake", example={
        "batches": [{"batch": _BATCH, **_COUNT}],
        "centres": [{"centre": "scanstelle", "day": "2021-06-01", **_COUNT}],
        "mismatches": [],
    }),
)  # fmt: skip
async def count_sheets(request: Request, caller: Caller) -> Response:
    """Whether every sheet that came in came out or is excluded, by batch, centre and day; and what does not agree."""
    engine = get_services(request).engine

    def count(given_up: GivenUp) -> dict[str, Any]:
        batches = takewhile(lambda _: not given_up.is_set(), read_batches(engine))
        return describe_counts([batch for batch in batches if batch.known_to(caller)])

    return json_response(await get_work(request).counts.run(request, caller, count))
