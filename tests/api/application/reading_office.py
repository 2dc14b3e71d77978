"""An office in memory and the same on paper: each change is made in both, then what each person reads is compared."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any

from pydantic_core import to_json

from api.application.catalogue import ALL
from api.application.feed.cloud_events import describe_cloud_event, read_feed
from api.application.service import ResourceService
from tests.api.application.reading_model import Batch, Folder, Item, Paper, Reader, Record, Slip
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.errors import EvaError, Forbidden, NotFound
from workflow.mail_folders.mail_folder import STATES
from workflow.views.queries import Views, Wanted

EVERYTHING = frozenset(Role) - {Role.SYSTEM, Role.ARCHIVIST}
ADMIN = Actor("admin", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)
DOCUMENT = b"%PDF-1.7 document"
FILE = {"sha256": sha256(DOCUMENT).hexdigest(), "file_name": "x.pdf"}
KINDS = ("record", "routing-slip", "mail-folder", "scan-batch")


def actor_of(reader: Reader) -> Actor:
    roles, clearance = frozenset({Role(reader.role)}), Protection(reader.clearance)
    return Actor(reader.user, roles, reader.authority, clearance, reader.absent)


class ReadingOffice:
    """Every title has a word of its own, so that it is found wherever it is told."""

    START = datetime(2021, 6, 1, 8, tzinfo=UTC)

    def __init__(self, engine: Engine | None = None, views: Views | None = None) -> None:
        """An office of its own, or one on an engine with a clock that stands still at the same time."""
        draw = Random(1)
        self.paper = Paper(self.START)
        self.engine = engine or Engine("sqlite://", clock=lambda: self.paper.now, entropy=draw.randbytes, catalogue=ALL)
        self.views = views or Views(self.engine)
        self.service = ResourceService(self.engine, self.views)
        self.words: dict[str, str] = {}
        """Id of a thing or item -> its word."""
        self._numbers = count(1)

    def close(self) -> None:
        self.engine.close()

    def word(self) -> str:
        return f"word{next(self._numbers):04d}x"

    def chief(self, authority: str, user: str | None = None) -> Actor:
        """Somebody who may do everything there, or a person as if they might."""
        return Actor(user or f"chief-{authority}", EVERYTHING, authority, Protection.VERY_HIGH)

    def enter(self, reader: Reader) -> None:
        body = {
            "user": reader.user, "roles": [reader.role], "authority": reader.authority, "clearance": reader.clearance,
        }  # fmt: skip
        self.service.create("staff", body, ADMIN)

    def record(self, authority: str, need: str) -> str:
        word = self.word()
        unit = f"Referat {word}"
        body = {"title": word, "file_plan_code": "43.21", "protection": need, "lead": unit}
        key = self.service.create("record", body, self.chief(authority)).id
        self.service.act("record", key, "add_case", {"title": f"{word} Vorgang"}, self.chief(authority))
        self.paper.records[key], self.words[key] = Record(authority, need, unit=unit), word
        return key

    def document(self, record: str, need: str) -> None:
        known, chief = self.paper.records[record], self.chief(self.paper.records[record].authority)
        (case,) = self.service.show("record", record, chief).resource["cases"]
        body = {"case": case["id"], "title": self.words[record], "file": FILE, "protection": need}
        self.service.act("record", record, "add_document", body, chief)
        known.documents.append(need)

    def change_need(self, record: str, need: str) -> None:
        chief = self.chief(self.paper.records[record].authority)
        self.service.act("record", record, "change", {"protection": need, "reason": "geprüft"}, chief)
        self.paper.records[record].need = need

    def offer(self, authority: str, slip_need: str | None = None) -> str:
        """A record whose retention is over and that was offered to the archive, perhaps with the protocol of a slip."""
        key = self.record(authority, "normal")
        self.document(key, "normal")
        if slip_need is not None:
            slip = self.slip(authority, "nora", slip_need, ["emil"], key)
            assert self.at_slip(slip, "start")
            assert self.at_slip(slip, "withdraw", reason="erledigt")
        chief = self.chief(authority)
        (case,) = self.service.show("record", key, chief).resource["cases"]
        for part in ({"case": case["id"]}, {}):
            self.service.act("record", key, "close", part, chief)
        self.engine.advance(self.paper.now + timedelta(days=366 * 12))
        self.paper.now += timedelta(days=366 * 12)
        self.service.act("record", key, "offer", {}, chief)
        self.paper.records[key].offered = True
        return key

    def slip(
        self, authority: str, owner: str, need: str, stations: list[str], record: str | None, everywhere: bool = False
    ) -> str:
        """`everywhere`: its owner drafts it as somebody of all authorities, who may take the record of another one."""
        word, drafter = self.word(), self.chief(authority, owner)
        route = [{"kind": "co_sign", "actor": user} for user in stations]
        body = {"title": word, "note": f"Vermerk {word}", "protection": need, "stations": route, "record": record}
        if everywhere:
            body, drafter = body | {"authority": authority}, replace(drafter, authority=None)
        key = self.service.create("routing-slip", body, drafter).id
        self.paper.slips[key], self.words[key] = Slip(authority, owner, need, stations, record), word
        return key

    def at_slip(self, key: str, action: str, **body: Any) -> bool:
        """Do something as the owner; whether it was allowed."""
        slip = self.paper.slips[key]
        try:
            done = self.service.act("routing-slip", key, action, body, self.chief(slip.authority, slip.owner))
        except EvaError:
            return False
        slip.state = done.state
        return True

    def plan(self, key: str, stations: list[str]) -> None:
        route = [{"kind": "co_sign", "actor": user} for user in stations]
        if self.at_slip(key, "plan", stations=route):
            self.paper.slips[key].stations = stations

    def raise_slip(self, key: str, need: str) -> None:
        if self.at_slip(key, "raise_protection", protection=need, reason="Gesundheitsdaten"):
            self.paper.slips[key].need = need

    def folder(self, authority: str, needs: list[str]) -> str:
        words = [self.word() for _ in needs]
        items = [{"title": word, "protection": need, "file": FILE} for word, need in zip(words, needs, strict=True)]
        body = {"title": f"{words[0]} Mappe", "items": items}
        made = self.service.create("mail-folder", body, self.chief(authority))
        there = [item["id"] for item in made.resource["items"]]
        self.paper.folders[made.id] = Folder(authority, {k: Item(n) for k, n in zip(there, needs, strict=True)})
        self.words |= dict(zip(there, words, strict=True))
        self.words[made.id] = "Mappe"
        for item in there:
            self.service.act("mail-folder", made.id, "sight", {"item": item}, self.chief(authority))
        return made.id

    def assign(self, folder: str, item: str, to: str) -> None:
        known = self.paper.folders[folder]
        try:
            self.service.act("mail-folder", folder, "assign", {"item": item, "to": to}, self.chief(known.authority))
        except EvaError:  # who may not have it
            return
        known.items[item].assigned = to

    def file(self, folder: str, item: str, record: str) -> None:
        """Put an item that was assigned to the chief into a record, which has it as a document then."""
        chief = self.chief(self.paper.folders[folder].authority)
        (case,) = self.service.show("record", record, chief).resource["cases"]
        self.service.act("mail-folder", folder, "file", {"item": item, "record": record, "case": case["id"]}, chief)
        self.paper.records[record].documents.append(self.paper.folders[folder].items[item].need)

    def misdirect(self, folder: str, item: str) -> None:
        known = self.paper.folders[folder]
        to = known.items[item].assigned
        if to is not None:
            self.service.act(
                "mail-folder", folder, "misdirect", {"item": item, "reason": "fremd"}, self.chief(known.authority, to)
            )
            known.items[item].assigned = None

    def batch(self, authority: str, carrier: str | None, needs: list[str]) -> str:
        centre, word = f"centre-{carrier}" if carrier else "neu", self.word()
        if carrier is not None and self.engine.log.versions(f"scan-centre:{centre}") == [0]:
            enter = {"kind": "decentral", "title": "Scanstelle", "carrier": carrier}
            self.service.act("scan-centre", centre, "enter", enter, ADMIN)
            for client in ("mwide", "jm"):
                connect = {"authority": client, "opens": "2020-01-01"}
                self.service.act("scan-centre", centre, "connect", connect, ADMIN)
        items = [{"title": word, "sheets": 1, "protection": need} for need in needs]
        body = {"title": word, "items": items, "centre": centre}
        key = self.service.create("scan-batch", body, self.chief(authority)).id
        self.paper.batches[key], self.words[key] = Batch(authority, carrier, needs), word
        return key

    def deputy(self, absent: str, deputy: str, days: int) -> None:
        since, until = self.paper.now, self.paper.now + timedelta(days=days)
        body = {"user": absent, "deputy": deputy, "since": since.isoformat(), "until": until.isoformat()}
        try:
            self.service.act("staff", absent, "appoint_deputy", body, ADMIN)
        except EvaError:  # a circle, or not cleared
            return
        self.paper.deputies.append((absent, deputy, since, until))

    # what is read

    def compare(self, reader: Reader) -> list[str]:
        """Every difference between what somebody reads and what they may."""
        actor, paper = actor_of(reader), self.paper
        may = {
            "record": paper.may_read_records(reader), "routing-slip": paper.may_read_slips(reader),
            "mail-folder": paper.may_read_folders(reader), "scan-batch": paper.may_read_batches(reader),
        }  # fmt: skip
        known = {*may["record"], *may["routing-slip"], *may["scan-batch"], *paper.may_read_items(reader)}
        words = {self.words[key] for key in known}
        found = [f"{reader}: {wrong}" for kind in KINDS for wrong in self._compare_kind(kind, actor, may[kind], words)]
        found += [f"{reader}: feed {wrong}" for wrong in self._compare_feed(actor, may, words)]
        found += [f"{reader}: {wrong}" for wrong in self._compare_overviews(reader, actor, may)]
        return found

    def _compare_kind(self, kind: str, actor: Actor, may: set[str], words: set[str]) -> list[str]:
        everything = {
            "record": self.paper.records, "routing-slip": self.paper.slips, "mail-folder": self.paper.folders,
            "scan-batch": self.paper.batches,
        }[kind]  # fmt: skip
        page = self.service.list(kind, actor, limit=10_000)
        found = [] if {row["id"] for row in page.rows} == may else [f"{kind} list"]
        found += [f"{kind} list tells {one}" for one in self._told(page.rows) - words]
        for key in everything:
            for name, ask in (
                ("show", self.service.show), ("history", self.service.history), ("actions", self.service.actions)
            ):  # fmt: skip
                try:
                    answer = ask(kind, key, actor)
                except NotFound:
                    found += [f"{kind} {name} is hidden"] if key in may else []
                    continue
                found += [] if key in may else [f"{kind} {name} is shown"]
                plain = answer.resource if name == "show" else answer.rows if name == "history" else answer
                found += [f"{kind} {name} tells {one}" for one in self._told(plain) - words]
        return found

    def _compare_feed(self, actor: Actor, may: dict[str, set[str]], words: set[str]) -> list[str]:
        events, position = [], 0
        while (page := read_feed(self.engine.log, self.service.visibility, actor, position, 500)).position > position:
            events += [describe_cloud_event(row, actor) for row in page.rows]
            position = page.position
        found = [f"tells {one}" for one in self._told(events) ^ words]
        numbered = {event["data"]["record"] for event in events if event["type"] == "file_plan.number_assigned"}
        return found + ([] if numbered == may["record"] else ["file numbers"])

    def _compare_overviews(self, reader: Reader, actor: Actor, may: dict[str, set[str]]) -> list[str]:
        found = []
        if self.views.counts(actor) != self.paper.slips_by_state(reader):
            found.append(f"by_state {self.views.counts(actor)}")
        waiting = self.views.waiting(actor, "2021-06-01")
        if sum(waiting["by_authority"].values()) != len(may["routing-slip"]):
            found.append("by_authority")
        circulating = [key for key in may["routing-slip"] if self.paper.slips[key].state == "circulating"]
        if sum(waiting["by_station"].values()) != len(circulating):  # one after another: each waits at one
            found.append("by_station")
        found += self._compare_units(reader, actor, may["routing-slip"])
        found += self._compare_mail(reader, actor)
        things = may["routing-slip"] | may["mail-folder"] | may["record"]
        found += [f"inbox {row['stream']}" for row in self.views.inbox(actor, 1000)
                  if row["stream"].partition(":")[2] not in things]  # fmt: skip
        for key in self.paper.records:
            rows = self.service.list("record", actor, filters={"text": self.words[key]}).rows
            if [row["id"] for row in rows] != ([key] if key in may["record"] else []):
                found.append("search")
        return found

    def _compare_units(self, reader: Reader, actor: Actor, slips: set[str]) -> list[str]:
        """Units by rows, by the filter, which counts as well, and by the sums of the cockpit."""
        told = {key: self.paper.unit_told(key, reader) for key in slips}
        rows = {row["id"]: row["unit"] for row in self.service.list("routing-slip", actor, limit=10_000).rows}
        found = [] if rows == told else ["units of slips"]
        for record in self.paper.records.values():
            by_unit = self.views.slips(actor, Wanted({"unit_of": record.unit}), 10_000)
            wanted = {key for key, unit in told.items() if unit == record.unit}
            found += [] if {row["stream"].partition(":")[2] for row in by_unit} == wanted else ["filter of units"]
        without = self.views.slips(actor, Wanted({"no_unit": "true"}), 10_000)
        if {row["stream"].partition(":")[2] for row in without} != {key for key, unit in told.items() if not unit}:
            found.append("filter of none")
        started = {key for key in slips if self.paper.slips[key].state in {"circulating", "paused", "returned"}}
        sums = Counter[str]()
        for row in self.views.overview(actor, self.paper.now.date()).under_way:
            sums[row.unit] += row.count
        return found + ([] if sums == Counter(told[key] for key in started) else ["sums of units"])

    def _compare_mail(self, reader: Reader, actor: Actor) -> list[str]:
        """Mail in its list, page by page: each item once, and folders named only to who knows them as a whole."""
        rows: list[dict[str, Any]] = []
        for state in STATES:
            after = None
            while page := self.views.mail(actor, state, 2, after):
                rows += page
                after = page[-1]["stream"], page[-1]["item"]
        whole = {f"mail-folder:{key}" for key in self.paper.may_read_whole_folders(reader)}
        found = [] if sorted(row["item"] for row in rows) == sorted(self.paper.may_read_items(reader)) else ["mail"]
        named = {row["item"] for row in rows if row["folder"] or row["unit"]}
        return found + ([] if named == {row["item"] for row in rows if row["stream"] in whole} else ["folders"])

    def _told(self, content: Any) -> set[str]:
        """The words of things that stand in an answer."""
        text = to_json(content, fallback=str).decode()
        return {word for word in self.words.values() if word in text and word != "Mappe"}


def refused(office: ReadingOffice, reader: Reader) -> bool:
    """Whether somebody who claims to be a deputy and is none gets nothing at all."""
    actor, refusals = actor_of(reader), 0
    for ask in (lambda: office.service.list("record", actor), lambda: office.service.list("routing-slip", actor)):
        try:
            ask()
        except Forbidden:
            refusals += 1
    return refusals == 2
