"""The route that somebody is composing, as rows of a form: what is asked of whom, after or beside the row before.

Rows hold sequences, parallel blocks, and sequences in a lane of such a block, which is as deep as routes in practice
go; a template nested deeper is used as it is, and not edited here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from workflow.routing_slips.events import Kind, ParallelSpec, SequenceSpec, Spec, StationSpec

THEN, BESIDE, BEHIND = "then", "beside", "behind"
"""A row comes after all before, beside the row before, or after it in the same lane."""
ORDERS = (THEN, BESIDE, BEHIND)
MOST_ROWS = 200
FIELDS = (
    "kind", "actor", "order", "deadline", "deadline_days", "until", "awaits", "instruction", "skip_unread",
    "silence_consents", "escalate_to",
)  # fmt: skip
CHECKED = ("skip_unread", "silence_consents")
"""Fields that are ticked."""


@dataclass(frozen=True)
class RouteRow:
    """Texts as they stand in the form."""

    kind: str = Kind.CO_SIGN.value
    actor: str = ""
    order: str = THEN
    deadline: str = ""
    deadline_days: str = ""
    until: str = ""
    awaits: str = ""
    instruction: str = ""
    skip_unread: str = ""
    silence_consents: str = ""
    escalate_to: str = ""

    @property
    def blank(self) -> bool:
        return not self.actor.strip()

    def to_spec(self) -> dict[str, Any]:
        texts = {name: text.strip() for name, text in asdict(self).items() if name != "order" and text.strip()}
        days = texts.get("deadline_days", "")
        numbers = {"deadline_days": int(days)} if days.isdecimal() and len(days) < 17 else {}
        return {**texts, **numbers, **{name: True for name in CHECKED if getattr(self, name)}}


Rows = tuple[RouteRow, ...]


def read_rows(form: Mapping[str, str]) -> Rows:
    """The rows of a sent form, in their order: `s0_kind`, `s0_actor` and so on."""
    found = []
    for number in range(MOST_ROWS):
        if f"s{number}_kind" not in form:
            break
        given = {name: form.get(f"s{number}_{name}", "") for name in FIELDS}
        known = given["kind"] in set(Kind)
        order = given["order"] if given["order"] in ORDERS else THEN
        found.append(RouteRow(**{**given, "order": order, "kind": given["kind"] if known else Kind.CO_SIGN.value}))
    return _begin(found)


def change_rows(rows: Rows, asked: str) -> Rows:
    """The rows after a button: `add`, `beside`, `up:2`, `down:2`, `remove:2`; anything else leaves them."""
    what, _, place = asked.partition(":")
    at = int(place) if place.isascii() and place.isdecimal() and len(place) < 4 else -1
    if what in {"add", BESIDE} and len(rows) < MOST_ROWS:
        return _begin((*rows, RouteRow(order=BESIDE if what == BESIDE else THEN)))
    if not 0 <= at < len(rows):
        return rows
    if what == "remove":
        return _remove(rows, at)
    other = {"up": at - 1, "down": at + 1}.get(what, -1)
    return _swap(rows, at, other) if 0 <= other < len(rows) else rows


def _swap(rows: Rows, one: int, other: int) -> Rows:
    """Two stations change places; what stands beside what stays as it is."""
    changed = list(rows)
    changed[one], changed[other] = (
        replace(rows[other], order=rows[one].order),
        replace(rows[one], order=rows[other].order),
    )
    return tuple(changed)


def _remove(rows: Rows, at: int) -> Rows:
    """Where the first of a parallel block goes, the next one takes its place."""
    left = list(rows)
    gone = left.pop(at)
    if at < len(left) and gone.order != BEHIND and left[at].order != THEN:
        left[at] = replace(left[at], order=gone.order)
    return _begin(left)


def _begin(rows: Iterable[RouteRow]) -> Rows:
    """The first row comes after nothing."""
    found = tuple(rows)
    return (replace(found[0], order=THEN), *found[1:]) if found else ()


def to_specs(rows: Iterable[RouteRow]) -> list[dict[str, Any]]:
    """The stations of a command's body; rows that name nobody are left out as if they had been removed."""
    kept = tuple(rows)
    for at in reversed(range(len(kept))):
        kept = _remove(kept, at) if kept[at].blank else kept
    steps: list[list[list[dict[str, Any]]]] = []
    for row in kept:
        if row.order == THEN:
            steps.append([[row.to_spec()]])
        elif row.order == BESIDE:
            steps[-1].append([row.to_spec()])
        else:
            steps[-1][-1].append(row.to_spec())
    return [spec for lanes in steps for spec in _step(lanes)]


def _step(lanes: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    if len(lanes) == 1:
        return lanes[0]
    return [{"parallel": [lane[0] if len(lane) == 1 else {"sequence": lane} for lane in lanes]}]


def from_specs(specs: Sequence[Spec]) -> Rows | None:
    """The rows of stations, None where they are nested deeper than rows can say."""
    found: list[RouteRow] = []
    for spec in specs:
        lanes = spec.parallel if isinstance(spec, ParallelSpec) else (spec,)
        for number, lane in enumerate(lanes):
            parts = lane.sequence if isinstance(lane, SequenceSpec) else (lane,)
            stations = [part for part in parts if isinstance(part, StationSpec)]
            if len(stations) < len(parts):
                return None
            beside = len(lanes) > 1
            for place, station in enumerate(stations):
                order = (BEHIND if beside else THEN) if place else (BESIDE if number else THEN)
                found.append(_to_row(station, order))
    return tuple(found)


def _to_row(station: StationSpec, order: str) -> RouteRow:
    told = station.model_dump(mode="json", exclude_defaults=True)
    texts = {name: str(value) for name, value in told.items() if name in FIELDS}
    return RouteRow(**{**texts, "order": order})
