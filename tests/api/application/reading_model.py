"""Who may read what, said a second time from the trade alone: of an office on paper, by nothing that the code has.

Domain notes 1.5 and section 7, rules 18 and 20: a whole has the highest need of what is in it; nobody below it knows of
it; the authority knows its own things, and others what they take part in, for as long as they do.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

NEEDS = ("normal", "high", "very_high")
SCAN_STAFF = {"scan_operator", "scan_inspector", "registrar"}


@dataclass(frozen=True)
class Reader:
    """Somebody with a role, an authority (None: all) and a clearance, perhaps in an absent person's name."""

    user: str
    role: str
    authority: str | None
    clearance: str
    absent: str | None = None


@dataclass
class Record:
    authority: str
    need: str
    documents: list[str] = field(default_factory=list)
    """Need of each."""
    offered: bool = False
    unit: str = ""
    """Federführung."""


@dataclass
class Slip:
    authority: str
    owner: str
    need: str
    stations: list[str]
    record: str | None
    state: str = "draft"


@dataclass
class Item:
    need: str
    assigned: str | None = None


@dataclass
class Folder:
    authority: str
    items: dict[str, Item] = field(default_factory=dict)


@dataclass
class Batch:
    authority: str
    carrier: str | None
    needs: list[str]


def highest(needs: Iterable[str]) -> str:
    return max(needs, key=NEEDS.index)


@dataclass
class Paper:
    """The office: things by their id, and who deputises for whom (absent, deputy, since, until)."""

    now: datetime
    records: dict[str, Record] = field(default_factory=dict)
    slips: dict[str, Slip] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    deputies: list[tuple[str, str, datetime, datetime]] = field(default_factory=list)

    def persons_of(self, reader: Reader) -> set[str]:
        """In whose place somebody stands now."""
        now = {(absent, deputy) for absent, deputy, since, until in self.deputies if since <= self.now < until}
        found = {reader.user}
        for _ in self.deputies:  # as many steps as there are appointments lead everywhere
            found |= {absent for absent, deputy in now if deputy in found}
        return found | ({reader.absent} if reader.absent else set())

    def need_of_record(self, key: str) -> str:
        return highest([self.records[key].need, *self.records[key].documents])

    def need_of_slip(self, key: str) -> str:
        slip = self.slips[key]
        return highest([slip.need, *([self.need_of_record(slip.record)] if slip.record else [])])

    def may_read_records(self, reader: Reader) -> set[str]:
        return {
            key for key, record in self.records.items()
            if _cleared(reader, self.need_of_record(key))
            and (_at_home(reader, record.authority) or (reader.role == "archivist" and record.offered))
        }  # fmt: skip

    def may_read_protocols(self, record: str, reader: Reader) -> bool:
        """A record with the whole route of every slip in it, as the archive gets it."""
        needs = [self.need_of_slip(key) for key, slip in self.slips.items() if slip.record == record]
        return record in self.may_read_records(reader) and _cleared(reader, highest(["normal", *needs]))

    def may_read_slips(self, reader: Reader) -> set[str]:
        persons = self.persons_of(reader)
        return {
            key for key, slip in self.slips.items()
            if _cleared(reader, self.need_of_slip(key))
            and (_at_home(reader, slip.authority) or persons & {slip.owner, *slip.stations})
        }  # fmt: skip

    def unit_told(self, key: str, reader: Reader) -> str:
        """The unit of a slip's record, as the lists of slips tell it: to those of the record's authority."""
        record = self.slips[key].record
        return self.records[record].unit if record and _at_home(reader, self.records[record].authority) else ""

    def may_read_whole_folders(self, reader: Reader) -> set[str]:
        return {
            key for key, folder in self.folders.items()
            if _at_home(reader, folder.authority)
            and _cleared(reader, highest(["normal", *(item.need for item in folder.items.values())]))
        }  # fmt: skip

    def may_read_items(self, reader: Reader) -> set[str]:
        whole, persons = self.may_read_whole_folders(reader), self.persons_of(reader)
        return {
            item for key, folder in self.folders.items() for item, one in folder.items.items()
            if key in whole or (one.assigned in persons and _cleared(reader, one.need))
        }  # fmt: skip

    def may_read_folders(self, reader: Reader) -> set[str]:
        items = self.may_read_items(reader)
        known = {key for key, folder in self.folders.items() if items & set(folder.items)}
        return self.may_read_whole_folders(reader) | known

    def may_read_batches(self, reader: Reader) -> set[str]:
        return {
            key for key, batch in self.batches.items()
            if _cleared(reader, highest(batch.needs))
            and (_at_home(reader, batch.authority) or (
                reader.authority == batch.carrier and reader.role in SCAN_STAFF))
        }  # fmt: skip

    def slips_by_state(self, reader: Reader) -> Counter[str]:
        return Counter(self.slips[key].state for key in self.may_read_slips(reader))


def _cleared(reader: Reader, need: str) -> bool:
    return NEEDS.index(reader.clearance) >= NEEDS.index(need)


def _at_home(reader: Reader, authority: str) -> bool:
    return reader.authority is None or reader.authority == authority
