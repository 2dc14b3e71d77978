"""The scan batch (Stapel) with its items (Scangut), as the API shows it. What draws the sample is shown to nobody."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from api.application.resources.records import build_page
from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import After, Filter, Page, Resource, find_any_allowed
from scanning.batches.decide import COMMANDS, OF_THE_BATCH, options
from scanning.batches.events import NewItem, Purpose, Stored, Verification
from scanning.batches.machine import MACHINE
from scanning.batches.projection import batches
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import Terms
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
    each = [options(batch, context, one) for one in ([key] if key is not None else batch.items)]
    return find_any_allowed(each) if each else [_receiving(context)]


def _receiving(context: Context) -> Option:
    if context.actor.roles & OF_THE_BATCH["receive"]:
        return Option("receive", True, None, None)
    return Option("receive", False, "this role receives no paper", "Diese Rolle nimmt kein Scangut entgegen")


def _list(views: Views, actor: Actor, filters: Mapping[str, str], limit: int, after: After | None) -> Page:
    rows = batches(views, actor, filters.get("state"), limit + 1, after)
    return build_page([{k: v for k, v in row.items() if k != "category"} for row in rows], limit, "stream")


_REASON: dict[str, Any] = {"item": 1, "reason": "Seite fehlt"}
EXAMPLES: dict[str, Fields] = {
    "create": {"centre": "rheinland", "title": "Posteingang 1. Juni", "items": [{"title": "Antrag", "sheets": 2}]},
    "receive": {"new": {"title": "Nachzügler", "sheets": 1}},
    "count": {"sheets": 2, "reason": "nachgezählt"},
    "record_backup": {"run": "2027-03-01 nachts", "taken_at": "2027-03-01T02:00:00+01:00"},
    "prepare": {"item": 1, "sheets": 2},
    "exclude": {"item": 1, "reason": "return_obliged", "onward": "paper"},
    "doubt": {"item": 1, "reason": "Unterschrift kopiert"},
    "clear": {"item": 1, "note": "Absender bestätigt"},
    "scan": {
        "item": 1,
        "raw": {
            "sha256": "ab" * 32, "size": 48213, "media_type": "application/pdf", "file_name": "antrag.pdf", "pages": 2,
        },
    },
    "rework": {
        "item": 1, "reason": "aufgehellt",
        "raw": {
            "sha256": "cd" * 32, "size": 48213, "media_type": "application/pdf", "file_name": "antrag.pdf", "pages": 2,
        },
    },
    "recount": {"item": 1, "sheets": 2, "reason": "verklebt"},
    "check": {"item": 1},
    "reject": _REASON,
    "seal": {"item": 1},
    "reject_seal": _REASON,
    "verify": {"item": 1},
    "deliver": {"item": 1},
    "acknowledge": {"item": 1},
    "report_defect": _REASON,
    "settle_defect": {"item": 1, "result": "alles lesbar"},
    "hold": _REASON,
    "release_hold": _REASON,
    "raise_protection": {"item": 1, "protection": "high", "reason": "Gesundheitsdaten"},
    "release_destruction": {"item": 1},
    "destroy": {"item": 1, "method": "DIN 66399 P-4"},
}  # fmt: skip

RESOURCE = Resource(
    name="scan-batch",
    plural="scan-batches",
    en="scan batch",
    de="Stapel",
    commands=COMMANDS,
    representation=ScanBatchRepresentation,
    row=ScanBatchRow,
    options=_options,
    examples=EXAMPLES,
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
