"""The scan centre's morning: batches, counts that do not match, checks, defects, paper that is due; and one batch."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from starlette.responses import Response

from api.pages.base.acting import Key
from api.pages.base.forms import parse_form
from api.pages.base.render import create_page_router, explain, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor, get_command_id
from api.pages.scanning.release import Condition, check_conditions
from scanning.batch_actions.machine import MACHINE
from scanning.batches.question import Question
from scanning.batches.scan_batch import SCAN_STAFF, Batch, ScanItem
from scanning.batches.sheet_count import Mismatch, SheetCount, count_sheets, find_mismatches
from scanning.centres.scan_centre import ScanCentre
from workflow.errors import EvaError, StoreUnavailable
from workflow.organisation.working_days import local_day
from workflow.views.queries import Wanted

router = create_page_router()
AT_ONCE = 1_000
"""Streams that are read together."""
LEFT_TO_DO = tuple(state for state in MACHINE.states if state != "destroyed")
"""Nothing of a batch in which all is destroyed is left to do, and nothing of it is of today."""
EMPTY: Form = dict.fromkeys(("title", "centre", "unit", "sheets"), "")
WAITING = ("received", "in_doubt", "prepared", "scanned", "rejected", "checked", "sealed")
"""States in which somebody of the centre has something to do."""


class BatchRow(NamedTuple):
    batch: Batch
    sheets: SheetCount
    wrong: list[Mismatch]
    states: dict[str, int]
    """State -> items, in the order of the machine."""

    @property
    def waits(self) -> bool:
        return any(state in self.states for state in WAITING)


class Paper(NamedTuple):
    """An item whose paper is due, with the conditions of its destruction."""

    batch: Batch
    item: ScanItem
    conditions: list[Condition]

    @property
    def met(self) -> int:
        return sum(one.holds for one in self.conditions)


@router.get("/pages/scanning")
def show_overview(who: LoggedIn) -> Response:
    return _render(who, {}, None)


@router.post("/pages/scanning")
def create(who: LoggedIn, form: OwnForm) -> Response:
    """Begin a batch, into which files are dropped then."""
    resource = who.services.resources.get_resource("scan-batch")
    try:
        command_id, body = get_command_id(who.holder, form), parse_form(resource.commands[resource.creates], form)
        made = who.services.resources.create(resource.name, body, who.holder, command_id=command_id)
    except StoreUnavailable:
        raise
    except EvaError as wrong:
        return _render(who, form, wrong)
    return redirect(f"/pages/scanning/batches/{made.id}")


def _render(who: Visitor, form: Form, wrong: EvaError | None) -> Response:
    rows, today = [read_row(batch) for batch in read_known(who)], local_day(who.services.engine.clock())
    return render_page(
        who, "scan_overview.html.j2", 200 if wrong is None else 422, here_is="scanning", today=today, machine=MACHINE,
        todays=[row for row in rows if row.batch.arrived_on == today],
        open=[row for row in rows if row.batch.arrived_on != today and row.waits],
        total=len(rows), mismatches=[(row.batch, one) for row in rows for one in row.wrong],
        checks=list(list_items(rows, "scanned")), defects=list(_list_defects(rows)), paper=list(_list_paper(who, rows)),
        centres=_list_centres(who, today), form={**EMPTY, **form},
        wrong=explain(wrong, who.language) if wrong else None,
        takes_in=bool(who.holder.roles & SCAN_STAFF),
    )  # fmt: skip


@router.get("/pages/scanning/batches/{id}")
def show_batch(who: LoggedIn, key: Key) -> Response:
    """One batch: its items and what is next, what does not add up, where files are dropped."""
    service = who.services.resources
    batch: Batch = service.get_entry(service.get_resource("scan-batch"), key, who.holder).state
    row, files = read_row(batch), who.services.files
    return render_page(
        who, "scan_batch.html.j2", here_is="scanning", row=row, batch=batch, machine=MACHINE,
        items=sorted(batch.items.values(), key=lambda item: item.number), paper=list(_list_paper(who, [row])),
        most=files.most_bytes if files is not None and who.holder.roles & SCAN_STAFF else 0,
        handled=batch.terms.postprocessing.anything,
    )  # fmt: skip


def read_known(who: Visitor) -> list[Batch]:
    """The batches that the visitor may know of and that are not all destroyed, the latest first."""
    states = [who.services.engine.load(stream).state for stream in _list_streams(who)]
    batches = [one for one in states if isinstance(one, Batch) and one.known_to(who.holder)]
    return sorted(batches, key=lambda batch: (batch.arrived_on, batch.title), reverse=True)


def _list_streams(who: Visitor) -> Iterator[str]:
    after: tuple[str] | None = None
    wanted = Wanted({"state": LEFT_TO_DO})
    while found := who.services.views.listed(who.holder, "scan-batch", wanted, AT_ONCE, after, guests=True):
        yield from (row["stream"] for row in found)
        after = (found[-1]["stream"],)


def read_row(batch: Batch) -> BatchRow:
    found = [item.state for item in batch.items.values()]
    states = {state: found.count(state) for state in MACHINE.states if state in found}
    return BatchRow(batch, count_sheets(batch), find_mismatches(batch), states)


def list_items(rows: list[BatchRow], state: str) -> Iterator[tuple[Batch, ScanItem]]:
    for row in rows:
        yield from ((row.batch, item) for item in row.batch.items.values() if item.state == state)


def _list_defects(rows: list[BatchRow]) -> Iterator[tuple[Batch, ScanItem, str]]:
    for row in rows:
        for item in row.batch.items.values():
            yield from ((row.batch, item, defect.reason) for defect in item.defects.values())


def _list_paper(who: Visitor, rows: list[BatchRow]) -> Iterator[Paper]:
    for batch, item in list_items(rows, "destruction_due"):
        context = who.services.resources.visibility.context(f"scan-batch:{batch.id}", who.holder)
        yield Paper(batch, item, check_conditions(Question(batch, item, None, context)))


def _list_centres(who: Visitor, today: date) -> list[tuple[str, str]]:
    """Id and title of the centres that take the visitor's paper today."""
    engine, authority = who.services.engine, who.holder.authority
    found = [(stream, engine.load(stream).state) for stream in engine.log.streams("scan-centre")]
    return [
        (stream.partition(":")[2], centre.title)
        for stream, centre in found
        if isinstance(centre, ScanCentre)
        and any(authority in {None, name} and one.is_open(today) for name, one in centre.clients.items())
    ]
