"""Which documents may be enclosed in a routing slip, as boxes to tick."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.application.resources.representation import Fields
from api.application.tokens import Holder
from api.pages.base.visitor import Visitor
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips.routing_slip import RoutingSlip

FIELD = "enclose-"
"""How the names of the boxes begin; then comes their number."""
MARK = "_enclosures"
"""A hidden field of forms that have such boxes, since boxes that are not ticked are not sent."""


class Enclosable(NamedTuple):
    """`value` is its hash and, where it lies in the record, the document's id; `newest` of the document's versions."""

    value: str
    title: str
    label: str
    enclosed: bool
    newest: bool

    def to_enclosure(self) -> dict[str, str]:
        sha256, _, document = self.value.partition(":")
        return {"title": self.title, "sha256": sha256} | ({"document": document} if document else {})


def list_enclosable(who: Visitor, holder: Holder, record: str | None, slip: RoutingSlip | None) -> list[Enclosable]:
    """What is enclosed now, in its order, then the newest version of every other document of the record."""
    found = [
        Enclosable(f"{one.sha256}:{one.document or ''}", one.title, one.title, True, False)
        for one in (slip.documents if slip else ())
    ]
    known = {one.value for one in found}
    shown = _find_record(who, holder, record)
    for document in shown.documents() if shown else ():
        newest = document.versions[-1]
        value = f"{newest.sha256}:{document.id}"
        label = f"{document.number} {document.title}"
        found = [one._replace(label=label, newest=True) if one.value == value else one for one in found]
        if value not in known:
            found.append(Enclosable(value, document.title, label, False, True))
    return found


def _find_record(who: Visitor, holder: Holder, record: str | None) -> Record | None:
    if not record:
        return None
    visibility = who.services.resources.visibility
    entry = visibility.get_entry(record_stream(record))
    shown = None if entry is None else visibility.show(record_stream(record), entry.state, holder)
    return shown if isinstance(shown, Record) else None


def read_enclosures(form: Mapping[str, str], offered: Sequence[Enclosable]) -> list[Fields]:
    """The ticked ones as a command has them."""
    ticked = {text for name, text in form.items() if name.startswith(FIELD)}
    return [one.to_enclosure() for one in offered if one.value in ticked]
