"""A folder of scanned files is a batch: begun, stopped, gone on with by the same command, finished.

What is known of a folder lies in the data folder: the key of its batch, and what the check of each file found. Every
command carries an id made of that key, so that whatever was stopped goes on where it was, and nothing is done twice.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scanning.batch_actions.batch import CreateBatch, ReceiveItem
from scanning.batch_actions.capture import Check, Exclude, Prepare, Scan
from scanning.batch_actions.delivery import Deliver
from scanning.batches.events import ItemReceived
from scanning.batches.file_index import ScanFile
from scanning.batches.file_index import stream as file_stream
from scanning.batches.scan_batch import ScanItem
from scanning.batches.scan_batch import stream as stream_of
from scanning.batches.values import NewItem
from scanning.capture.bulk import Failure, Progress
from scanning.capture.capture import ScanCapture
from scanning.capture.item_access import WAITING, find_number, is_to_take, load_batch, match_item
from scanning.capture.page_files import hash_text
from scanning.requirements.exclusions import Exclusion
from scanning.requirements.scan_product import RawScan
from workflow.engine.access import Actor, Protection
from workflow.engine.events import decode
from workflow.engine.store.durable_files import make_folder, write_atomically
from workflow.errors import EvaError, InvalidCommand
from workflow.text import Text

_LOOKED_AT = Check()


@dataclass(frozen=True)
class People:
    operator: Actor
    inspector: Actor | None = None
    """Who has looked at every page; None: nobody yet, and items stay scanned."""


class Arrival(NamedTuple):
    """What is said of a new batch, and how its files were made."""

    centre: str
    unit: str
    title: str
    protection: Protection
    environment: str
    """Scanner and software, for the note."""
    duplex: bool = False
    sheets: int | None = None
    """Counted by hand."""
    envelopes: int | None = None
    as_it_is: bool = False
    """Nothing is done with its pages; a scan rejected for what was done with them may be taken once more so."""


class Refusal(NamedTuple):
    """Why a checked file is not taken, before anything of it is recorded."""

    name: str
    text: Text


class Folder:
    """What is known of a folder, or of files named one by one."""

    def __init__(self, data: Path, sources: Iterable[Path]) -> None:
        self._place = data / "intake" / hash_text("\n".join(sorted(str(path.resolve()) for path in sources)))[:32]
        make_folder(self._place)
        self._note = self._place / "batch.json"
        kept = self._read()
        self.key = str(kept.get("key") or secrets.token_hex(16))
        self.finished = bool(kept.get("finished"))
        if not kept:
            self._write()

    @property
    def checks(self) -> Path:
        """Where the results of checks are kept."""
        return self._place

    def finish(self) -> None:
        """Nothing more is taken into its batch."""
        self.finished = True
        self._write()

    def begin_anew(self) -> None:
        self.key, self.finished = secrets.token_hex(16), False
        self._write()

    def _read(self) -> dict[str, object]:
        try:
            kept = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) and isinstance(kept.get("key"), str) else {}

    def _write(self) -> None:
        write_atomically(self._note, json.dumps({"key": self.key, "finished": self.finished}))


class FolderBatch:
    """Records the checked files of a folder as items of one batch, each once, whatever was recorded before."""

    def __init__(self, capture: ScanCapture, key: str, people: People, arrival: Arrival, batch: str | None) -> None:
        self._capture = capture
        self._engine = capture.engine
        self._key = key
        self._people = people
        self._arrival = arrival
        self._given = stream_of(batch) if batch is not None else None

    @property
    def stream(self) -> str | None:
        """Of its batch; None before it was begun."""
        if self._given is not None:
            return self._given
        rows = self._engine.log.read_command(self._id("batch"))
        return rows[0].stream if rows else None

    def begin(self) -> str:
        """The stream of the batch, made now unless it is there; raises what creating a batch raises."""
        if (known := self.stream) is not None:
            return known
        told = self._arrival
        create = CreateBatch(
            centre=told.centre, unit=told.unit, title=told.title, protection=told.protection, sheets=told.sheets,
            envelopes=told.envelopes,
        )  # fmt: skip
        return self._engine.handle(create, self._people.operator, "scan-batch", command_id=self._id("batch")).stream

    def find_refusals(self, scans: Sequence[RawScan], exclude_duplicates: bool) -> list[Refusal]:
        """Why some files are not taken: scanned before, twice in the folder, or belonging to no item of the batch."""
        refusals: list[Refusal] = []
        seen: dict[str, str] = {}
        for scan, key in self._list_parts(scans):
            users = self._find_other_users(scan, key)
            if scan.sha256 in seen:
                users = (seen[scan.sha256], *users)
            seen.setdefault(scan.sha256, scan.file_name)
            if users and not exclude_duplicates:
                refusals.append(Refusal(scan.file_name, _say_duplicate(users[0])))
        if self._given is not None:
            refusals += self._find_strangers(scans)
        return refusals

    def record(self, scans: Sequence[RawScan], exclude_duplicates: bool, progress: Progress) -> list[Failure]:
        """Take every file as far as it goes; those that could not be taken all the way."""
        stream = self.begin()
        failures: list[Failure] = []
        taken: set[str] = set()
        for done, (scan, key) in enumerate(self._list_parts(scans), 1):
            twin = bool(self._find_other_users(scan, key)) or scan.sha256 in taken
            taken.add(scan.sha256)
            try:
                number = self._receive(stream, scan, key)
                self._take(stream, number, scan, exclude=twin and exclude_duplicates)
            except EvaError as error:
                failures.append(Failure(scan.file_name, error))
            progress(done)
        return failures

    def list_waiting(self) -> list[ScanItem]:
        """Items of the batch that wait for a scan, in order."""
        stream = self.stream
        items = load_batch(self._engine, stream).items.values() if stream is not None else ()
        return sorted((item for item in items if item.state in WAITING), key=lambda item: item.number)

    def has_taken(self, scans: Sequence[RawScan]) -> bool:
        """Whether every file is an item of the batch already."""
        return bool(scans) and all(self._find_item(key) is not None for _, key in self._list_parts(scans))

    def _list_parts(self, scans: Sequence[RawScan]) -> list[tuple[RawScan, str]]:
        """Each scan with what tells it from every other of the folder: the same file may lie there twice."""
        counted: dict[tuple[str, str], int] = {}
        found = []
        for scan in scans:
            one = (scan.sha256, scan.file_name)
            counted[one] = counted.get(one, 0) + 1
            found.append((scan, self._id(f"{scan.sha256}:{hash_text(scan.file_name)[:16]}:{counted[one]}")))
        return found

    def _find_other_users(self, scan: RawScan, key: str) -> tuple[str, ...]:
        """Other items, as `batch#item`, that have the very same file."""
        known = self._engine.find(file_stream(scan.sha256), ScanFile)
        own = self._find_item(key)
        users = known.used_by if known else ()
        if own is None and self._given is not None:  # a scan of an item that waited, taken before
            return tuple(user for user in users if not user.startswith(f"{self._given.partition(':')[2]}#"))
        return tuple(user for user in users if own is None or user.partition("#")[2] != own)

    def _find_item(self, key: str) -> str | None:
        """Id of the item that a file has become; None where it was not received yet."""
        for row in self._engine.log.read_command(key):
            if row.type == ItemReceived.TYPE and row.payload is not None:
                event = decode(row.type, row.schema_version, row.payload, row.position)
                return event.item if isinstance(event, ItemReceived) else None
        return None

    def _find_strangers(self, scans: Iterable[RawScan]) -> list[Refusal]:
        batch = load_batch(self._engine, str(self._given))
        waiting = ", ".join(item.new.title for item in self.list_waiting()[:5]) or "-"
        return [
            Refusal(scan.file_name, Text(
                f"keine wartende Sendung des Stapels heißt so; es warten: {waiting}",
                f"no item of the batch that waits is called so; waiting: {waiting}",
            ))
            for scan in scans
            if match_item(batch, scan) is None
        ]  # fmt: skip

    def _receive(self, stream: str, scan: RawScan, key: str) -> int:
        """Number of the item that a file is the scan of, received now where it was not."""
        batch = load_batch(self._engine, stream)
        if self._given is not None:
            matched = match_item(batch, scan)
            if matched is None:
                name = scan.file_name
                says = Text(f"Kein wartendes Stück heißt {name}", f"no item that waits is called {name}")
                raise InvalidCommand([("/item", says)])
            return matched.number
        if (known := self._find_item(key)) is None:
            new = NewItem(
                title=scan.file_name, sheets=(scan.pages + 1) // 2 if self._arrival.duplex else scan.pages,
                protection=self._arrival.protection,
            )  # fmt: skip
            self._engine.handle(ReceiveItem(new=new), self._people.operator, stream, command_id=key)
            return len(batch.items) + 1
        return batch.items[known].number

    def _take(self, stream: str, number: int, scan: RawScan, *, exclude: bool) -> None:
        """Do what is still to be done with an item: prepare, scan, check, seal, deliver."""
        engine, people = self._engine, self._people
        item = find_number(load_batch(engine, stream), number)
        if exclude and item.state == "received":
            engine.handle(Exclude(item=number, reason=Exclusion.DUPLICATE), people.operator, stream)
            return
        if item.state == "received":
            engine.handle(Prepare(item=number), people.operator, stream)
        told = self._arrival
        if is_to_take(item, scan, as_it_is=told.as_it_is):
            command = Scan(item=number, raw=scan, duplex=told.duplex, environment=told.environment)
            engine.handle(command, people.operator, stream)
        if people.inspector is not None:
            complete_item(self._capture, stream, number, people.inspector)

    def _id(self, what: str) -> str:
        return f"intake:{self._key}:{what}"


def complete_item(capture: ScanCapture, stream: str, number: int, inspector: Actor, check: Check = _LOOKED_AT) -> None:
    """Check, seal and deliver a scanned item, from where it is; raises what the engine raises."""
    engine = capture.engine
    steps: Mapping[str, Callable[[], object]] = {
        "scanned": lambda: engine.handle(check.model_copy(update={"item": number}), inspector, stream),
        "checked": lambda: capture.seal(stream, number, inspector),
        "sealed": lambda: engine.handle(Deliver(item=number), inspector, stream),
    }
    while (step := steps.get(find_number(load_batch(engine, stream), number).state)) is not None:
        step()


def _say_duplicate(user: str) -> Text:
    return Text(
        f"dieselbe Datei wie {user}; neu scannen, entfernen oder mit --duplicates exclude ausschließen",
        f"the same file as {user}; scan it again, take it away, or exclude it with --duplicates exclude",
    )
