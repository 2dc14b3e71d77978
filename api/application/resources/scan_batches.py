"""The scan batch (Stapel) with its items (Scangut), as the API shows it. What draws the sample is shown to nobody."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from api.application.resources.records import build_page
from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Listing, Page, Resource, find_any_allowed
from scanning.batch_actions import COMMANDS
from scanning.batch_actions.batch import ReceiveItem
from scanning.batch_actions.decide import list_options
from scanning.batch_actions.machine import MACHINE
from scanning.batches.projection import batches
from scanning.batches.scan_batch import Batch, Scan, ScanItem, stream
from scanning.batches.values import DamagedFile, NewItem, Stored, Verification
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import Purpose, Terms
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context
from workflow.views.queries import Views

ScanItemState = Annotated[str, one_of("ScanItemState", MACHINE.states)]
ITEM = "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"


class ScanRepresentation(Representation):
    """One scan of an item."""

    number: int
    by: str
    at: datetime
    raw: RawScan
    sheets: int
    duplex: bool
    environment: str
    duplicate_of: list[str]
    drawn: bool
    reworked_by: list[str]


class CheckRepresentation(Representation):
    """Result of quality assurance."""

    by: str
    at: datetime
    visual: bool
    result: str


class DeliveryRepresentation(Representation):
    """Where a product was delivered to."""

    unit: str
    folder: str
    mail_item: str
    sha256: str


class AcknowledgementRepresentation(Representation):
    """The document it has become."""

    by: str
    record: str
    case: str
    document: str
    sha256: str
    paper_until: date


class NamedReason(Representation):
    """A defect or hold, and why."""

    id: str
    reason: str


def _name_reasons(found: Mapping[str, Any]) -> list[Fields]:
    return [{"id": key, "reason": getattr(one, "reason", one)} for key, one in found.items()]


NamedReasons = Annotated[list[NamedReason], From(convert=_name_reasons)]


class ScanItemRepresentation(Representation):
    """An item now."""

    id: str
    number: int
    state: ScanItemState
    new: NewItem
    protection: Protection
    sheets: int
    prepared_by: str | None
    exclusion: Exclusion | None
    onward: Onward | None
    doubted_by: str | None
    scans: list[ScanRepresentation]
    check: CheckRepresentation | None
    product: Product | None
    stored: Stored | None
    verification: Verification | None
    damaged: list[DamagedFile]
    delivery: DeliveryRepresentation | None
    acknowledgement: AcknowledgementRepresentation | None
    defects: NamedReasons
    holds: NamedReasons
    released_by: str | None
    destroyed_by: str | None


def _list_items(items: Mapping[str, ScanItem]) -> list[Fields]:
    return [ScanItemRepresentation.read(item) for item in sorted(items.values(), key=lambda item: item.number)]


class ScanBatchRepresentation(Representation):
    """A scan batch; its state is that of the item least far."""

    state: ScanItemState
    centre: str
    carrier: str | None
    provisional: bool
    authority: str
    unit: str
    title: str
    purpose: Purpose
    envelopes: int
    sheets: int
    protection: Protection
    terms: Terms
    arrived_on: date
    backups: dict[str, list[str]]
    items: Annotated[list[ScanItemRepresentation], From(convert=_list_items)]


class BatchDetail(Representation):
    """Numbers of a batch in lists."""

    centre: str
    unit: str
    envelopes: int
    sheets: int
    items: int
    states: dict[str, int]


class ScanBatchRow(Representation):
    """A batch in lists."""

    kind: str
    id: str
    authority: str
    guest: str | None
    title: str
    state: ScanItemState
    protection: Protection
    detail: BatchDetail
    version: int
    created_at: datetime
    changed_at: datetime


def _options(batch: Batch, context: Context, item: str | None) -> list[Option]:
    key: str | int | None = int(item) if item is not None and item.isdecimal() and len(item) < 7 else item
    each = [list_options(batch, context, one) for one in ([key] if key is not None else batch.items)]
    if not each:
        return [ReceiveItem.PERMISSION.option(ReceiveItem.ACTION, context.actor)]
    return find_any_allowed(each)


def _list(views: Views, actor: Actor, asked: Listing) -> Page:
    wanted = asked.want()
    rows = views.stamped(lambda: batches(views, actor, wanted, asked.limit + 1, asked.after))
    shown = [{k: v for k, v in row.items() if k != "category"} for row in rows]
    return build_page(shown, asked.limit, *filter(None, (wanted.order,)), "stream")


ELSEWHERE = "elsewhere"
"""In place of an item of a batch that one may not know of."""


def _list_twins(batch: Batch) -> set[str]:
    """Other batches in which the same file was scanned."""
    twins = {
        twin.partition("#")[0] for item in batch.items.values() for scan in item.scans for twin in scan.duplicate_of
    }
    return twins - {batch.id}


def _show(batch: Batch, context: Context) -> Batch | None:
    """The batch; of other batches with the same file, those that the person may know are named."""
    if not batch.known_to(context.actor):
        return None
    found = {twin: context.find(stream(twin), Batch) for twin in _list_twins(batch)}
    hidden = {twin for twin, other in found.items() if other is None or not other.known_to(context.actor)}
    return _hide_twins(batch, hidden) if hidden else batch


def _hide_twins(batch: Batch, hidden: set[str]) -> Batch:
    def hide(scan: Scan) -> Scan:
        told = (ELSEWHERE if twin.partition("#")[0] in hidden else twin for twin in scan.duplicate_of)
        return replace(scan, duplicate_of=tuple(told))

    items = {key: replace(item, scans=tuple(map(hide, item.scans))) for key, item in batch.items.items()}
    return replace(batch, items=items)


RESOURCE = Resource(
    name="scan-batch",
    plural="scan-batches",
    en="scan batch",
    de="Stapel",
    commands=COMMANDS,
    representation=ScanBatchRepresentation,
    knowledge=Knowledge(_show, others=lambda batch: map(stream, _list_twins(batch))),
    row=ScanBatchRow,
    options=_options,
    machine=MACHINE,
    part="item",
    list_view=_list,
    sorts=("id", "title", "state", "authority"),
    evidence={
        "scan": frozenset(),
        "rework": frozenset(),
        "seal": frozenset({"product", "stored"}),
        "verify": frozenset({"verification"}),
        "release_destruction": frozenset({"evidence"}),
        "destroy": frozenset({"evidence"}),
    },
    unseen=frozenset({"verify"}),
    example_roles=frozenset({Role.REGISTRAR}),
    filters=(
        Filter("state", "only those in one of these states", tuple(MACHINE.states)),
        Filter("authority", "only those of one of these authorities"),
    ),
)
