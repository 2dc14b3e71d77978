"""The scan batch (Stapel) with its items (Scangut), as the API shows it. What draws the sample is shown to nobody."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from api.application.resources.records import build_page
from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import After, Filter, Page, Resource, find_any_allowed
from scanning.batch_actions import COMMANDS
from scanning.batch_actions.batch import ReceiveItem
from scanning.batch_actions.decide import list_options
from scanning.batch_actions.machine import MACHINE
from scanning.batches.projection import batches
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.batches.values import NewItem, Stored, Verification
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import Purpose, Terms
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context
from workflow.views.queries import Views

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
    state: str
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

    state: str
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
    state: str
    protection: Protection
    detail: BatchDetail


def _options(batch: Batch, context: Context, item: str | None) -> list[Option]:
    key: str | int | None = int(item) if item is not None and item.isdecimal() and len(item) < 7 else item
    each = [list_options(batch, context, one) for one in ([key] if key is not None else batch.items)]
    if not each:
        return [ReceiveItem.PERMISSION.option(ReceiveItem.ACTION, context.actor)]
    return find_any_allowed(each)


def _list(views: Views, actor: Actor, filters: Mapping[str, str], limit: int, after: After | None) -> Page:
    rows = batches(views, actor, filters.get("state"), limit + 1, after)
    return build_page([{k: v for k, v in row.items() if k != "category"} for row in rows], limit, "stream")


RESOURCE = Resource(
    name="scan-batch",
    plural="scan-batches",
    en="scan batch",
    de="Stapel",
    commands=COMMANDS,
    representation=ScanBatchRepresentation,
    row=ScanBatchRow,
    options=_options,
    machine=MACHINE,
    part="item",
    list_view=_list,
    cursor_parts=1,
    evidence={
        "scan": frozenset(),
        "rework": frozenset(),
        "seal": frozenset({"product", "stored"}),
        "verify": frozenset({"verification"}),
    },
    unseen=frozenset({"record_backup"}),
    example_roles=frozenset({Role.REGISTRAR}),
    filters=(Filter("state", "only those in this state", tuple(MACHINE.states)),),
)
