"""Fixtures: an office with a scan centre; `walk` takes an item as far as a test wants it."""

import random
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from scanning.backup_runs import record_backup_run
from scanning.batch_actions import ACTIONS
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.catalogue import SCANNING
from scanning.centres.actions import COMMANDS as CENTRE
from scanning.handover import POLICIES
from scanning.requirements.scan_product import MediaType, Product, RawScan, Seal, SealKind, TransferNote
from scanning.requirements.terms import ScanRules
from tests.scanning.file_fixtures import reader_pool, store, trial
from tests.workflow.conftest import HEAD, START, Office, check, durable_url, person, postgresql, postgresql_server, url
from tests.workflow.conftest import PEOPLE as WORKFLOW_PEOPLE
from workflow.engine.access import SYSTEM, Actor, Role
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.engine.subscribers import Refused, follow
from workflow.mail_folders.actions import COMMANDS as MAIL
from workflow.organisation.house_rules import Rules

__all__ = ["START", "durable_url", "postgresql", "postgresql_server", "reader_pool", "store", "trial", "url"]

SCAN = {command.ACTION: command for command in ACTIONS}
VH = "very_high"
PEOPLE: dict[str, Actor] = {
    **WORKFLOW_PEOPLE,
    "otto": person("otto", Role.SCAN_OPERATOR, clearance=VH),
    "olga": person("olga", Role.SCAN_OPERATOR, clearance=VH),
    "inge": person("inge", Role.SCAN_INSPECTOR, clearance=VH),
    "ines": person("ines", Role.SCAN_INSPECTOR, clearance=VH),
    "both": person("both", Role.SCAN_OPERATOR, Role.SCAN_INSPECTOR, clearance=VH),
    "clerk": person("clerk", Role.CASE_WORKER, clearance=VH),
    "head": person("head", Role.REGISTRAR, clearance=VH),
    "system": SYSTEM,
}
ORDER = ("prepared", "scanned", "checked", "sealed", "delivered", "filed", "acknowledged", "destruction_due",
         "released", "destroyed")  # fmt: skip


def run_policies(engine: Engine) -> list[Refused]:
    """Let the policies of scanning see every event; what was not allowed."""
    return [refused for policy in POLICIES for refused in follow(policy, engine)]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def raw(text: str, pages: int = 2, **more: Any) -> RawScan:
    """A checked scan of so many pages, told apart by its text."""
    return RawScan(
        sha256=digest(f"raw {text}"), size=1000, media_type=MediaType.PDF, file_name="scan.pdf", pages=pages, **more
    )


def product(batch: Batch, item: ScanItem, at: Any, kind: str = "advanced", timestamp: bool = True, **note: Any) -> Any:
    """A product as the work on files makes it from the log."""
    scan, checked = item.scan, item.check
    assert scan
    assert checked
    told = {
        "created_by": scan.by, "organisation": batch.centre, "environment": scan.environment, "anomalies": (),
        "captured_at": scan.at, "qa_by": checked.by, "qa_result": checked.result, "identity": "Bild und Inhalt gleich",
        "raw_sha256": scan.raw.sha256, "content_sha256": digest(f"pdf {scan.raw.sha256}"), **note,
    }  # fmt: skip
    seal = Seal(
        kind=SealKind("test" if kind == "none" else kind), signer="Siegel",
        certificate_sha256=digest("certificate"), sealed_at=at,
        timestamp_by="Zeitstempel" if timestamp else None, timestamp_at=at if timestamp else None,
    )  # fmt: skip
    made = digest(f"product {scan.raw.sha256} {at} {kind} {timestamp} {sorted(note)}")
    return Product(
        sha256=made, size=2000, pages=scan.raw.pages, note=TransferNote(**told), note_sha256=digest(f"note {made}"),
        seal=None if kind == "none" else seal,
    )  # fmt: skip


def stored(sha: str, at: Any, **more: Any) -> dict[str, Any]:
    return {"sha256": sha, "file_synced": True, "folder_synced": True, "read_back_sha256": sha, "at": at, **more}


class ScanOffice(Office):
    """An office whose paper is scanned."""

    def __init__(self, url: str, rules: Rules | None = None, seed: int = 1) -> None:
        super().__init__(url, rules or ScanRules(), seed, SCANNING)
        self._draw = random.Random(f"after a crash {seed}")
        self._record: tuple[str, str] | None = None

    def reopen(self) -> None:
        """As after a crash: everything remembered is gone, the database is there."""
        rules = self.engine.rules
        self.engine.close()
        self.engine = Engine(
            self.url, clock=lambda: self.now, rules=rules, catalogue=SCANNING, entropy=self._draw.randbytes
        )

    def scan(self, who: str | Actor, action: str, on: str = "scan-batch", **body: Any) -> Any:
        """The state of the batch after an action."""
        actor = PEOPLE[who] if isinstance(who, str) else who
        if action in {"release_destruction", "destroy"}:
            body = {"evidence": self.evidence(on, body.get("item")), **body}
        return self._handle(SCAN[action], actor, on, body)

    def evidence(self, batch: str, item: str | int | None = None, **wrong: Any) -> dict[str, Any] | None:
        """What is read where product and latest backup are well; None where there is no product."""
        state = self.state(batch)
        found = [one for one in state.items.values() if item in {None, one.id, one.number} and one.product]
        if not found:
            return None
        sha = found[0].product.sha256
        runs = state.backups.get(sha, ())
        copy = {"run": runs[-1], "manifest_sha256": digest(runs[-1]), "read_back_sha256": sha} if runs else None
        told = {"read_back_sha256": sha, "note_valid": True, "seal_valid": True, "at": self.now.isoformat()}
        backup = wrong.pop("backup", {})
        return {
            "verification": {**told, **wrong},
            "backup": None if copy is None or backup is None else {**copy, **backup},
        }

    def centre(self, action: str, name: str, who: str = "admin", **body: Any) -> Any:
        """As the administration of all authorities, or as somebody else."""
        return self._handle(CENTRE[action], HEAD if who == "admin" else PEOPLE[who], f"scan-centre:{name}", body)

    def mail(self, who: str | Actor, action: str, on: str, **body: Any) -> Any:
        return self._handle(MAIL[action], PEOPLE[who] if isinstance(who, str) else who, on, body)

    def _handle(self, model: Any, actor: Actor, on: str, body: dict[str, Any]) -> Any:
        plain = {key: value.model_dump(mode="json") if hasattr(value, "model_dump") else value
                 for key, value in body.items()}  # fmt: skip
        done = self.engine.handle(parse(model, plain), actor, on)
        self.events = [row.type for row in done.events]
        return done.state

    def batch(self, *items: dict[str, Any], who: str = "otto", **body: Any) -> str:
        """A batch with these items, one of two sheets where none is told; its stream."""
        told = [{"title": f"Antrag {n}", "sheets": 2, **item} for n, item in enumerate(items or ({},), 1)]
        return f"scan-batch:{self.scan(who, 'create', items=told, **body).id}"

    def item(self, batch: str, number: int = 1) -> ScanItem:
        return next(item for item in self.state(batch).items.values() if item.number == number)

    def target(self) -> tuple[str, str]:
        """A record of very high need with a case, to file into."""
        if self._record is None:
            record = self.record(who="clerk", title="Windpark", protection=VH)
            self._record = record, self.case(record, who="clerk")
        return self._record

    def do(self, who: str | Actor, action: str, on: str, **body: Any) -> Any:
        return super().do(PEOPLE[who] if isinstance(who, str) else who, action, on, **body)

    def walk(self, batch: str, to: str, number: int = 1, **how: Any) -> ScanItem:
        """Take an item step by step to a state (`filed` and `released` are between states)."""
        reached = _reached(self.item(batch, number))
        done = ORDER.index(reached) if reached in ORDER else -1
        for step in ORDER[done + 1 : ORDER.index(to) + 1]:
            getattr(self, f"_to_{step}")(batch, number, how)
        return self.item(batch, number)

    def _to_prepared(self, batch: str, n: int, how: Any) -> None:
        self.scan(how.get("operator", "otto"), "prepare", batch, item=n)

    def _to_scanned(self, batch: str, n: int, how: Any) -> None:
        item = self.item(batch, n)
        file = how.get("raw") or raw(f"{batch} {n} {len(item.scans)}", item.sheets)
        self.scan(how.get("operator", "otto"), "scan", batch, item=n, raw=file)

    def _to_checked(self, batch: str, n: int, how: Any) -> None:
        self.scan(how.get("inspector", "inge"), "check", batch, item=n, visual=how.get("visual", True))

    def _to_sealed(self, batch: str, n: int, how: Any) -> None:
        made = product(self.state(batch), self.item(batch, n), self.now, how.get("seal", "advanced"),
                       how.get("timestamp", True))  # fmt: skip
        evidence = stored(made.sha256, self.now.isoformat(), **how.get("stored", {}))
        self.scan(how.get("operator", "otto"), "seal", batch, item=n, product=made, stored=evidence)

    def _to_delivered(self, batch: str, n: int, how: Any) -> None:
        if how.get("backup", True):
            self.backup(batch)
        self.scan("inge", "deliver", batch, item=n)

    def backup(self, batch: str, run: str = "run 1") -> None:
        """Every product of the batch is in a run; the others of the office too."""
        assert batch.startswith("scan-batch:")
        record_backup_run(self.engine, run, self.now, digest(run), lambda _: True)

    def _to_filed(self, batch: str, n: int, how: Any) -> None:  # noqa: ARG002 - the same as the others
        delivery = self.item(batch, n).delivery
        assert delivery
        folder, record = f"mail-folder:{delivery.folder}", self.target()
        self.mail("clerk", "sight", folder, item=delivery.mail_item)
        self.mail("clerk", "assign", folder, item=delivery.mail_item, to="clerk")
        self.mail("clerk", "file", folder, item=delivery.mail_item, record=record[0][7:], case=record[1])

    def _to_acknowledged(self, batch: str, n: int, how: Any) -> None:  # noqa: ARG002
        assert run_policies(self.engine) == []

    def _to_destruction_due(self, batch: str, n: int, how: Any) -> None:  # noqa: ARG002
        self.later(days=self.state(batch).terms.paper_days + 2)

    def _to_released(self, batch: str, n: int, how: Any) -> None:
        self.scan(how.get("releaser", "head"), "release_destruction", batch, item=n)

    def _to_destroyed(self, batch: str, n: int, how: Any) -> None:
        self.scan(how.get("operator", "otto"), "destroy", batch, item=n, method="DIN 66399, Stufe 4")


def _reached(item: ScanItem) -> str:
    if item.state == "rejected":
        return "prepared"  # the paper is there and ready to be scanned again
    return "released" if item.released_by and item.state == "destruction_due" else item.state


@pytest.fixture
def scans() -> Iterator[ScanOffice]:
    """A scanning office in memory, checked on leaving."""
    opened = ScanOffice("sqlite://")
    opened.register("clerk", clearance=VH)
    yield opened
    check(opened)
    opened.engine.close()
