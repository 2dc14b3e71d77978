"""A whole server in this process with something of everything in it, as `route_model` has it on paper."""

import asyncio
import itertools
import json
from contextlib import suppress
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zipfile import ZipFile

import polars as pl
from fastapi import FastAPI

from api import pages
from api.application.errors import Unauthorised
from api.application.run import FinishRun, RequestRun, StartRun
from api.application.run import stream as run_stream
from api.application.tokens import Holder
from api.application.webhooks.webhook import CreateWebhook
from api.replay.file.scan_stand_ins import complete_body
from api.server.app import create_app
from api.server.auth.authenticator import Authenticator
from api.server.dependencies.services import open_services
from api.server.dependencies.work import Work
from api.server.jobs.runner import Runner
from api.server.sandboxes.registry import Sandboxes
from api.server.sandboxes.sandbox import Sandbox
from api.settings import Settings
from scanning.storage.content_store import ContentStore
from tests.api.application.reading_model import NEEDS, Folder, Item, Reader
from tests.api.application.reading_office import ADMIN, DOCUMENT, EVERYTHING, ReadingOffice, actor_of
from tests.api.server.auth.route_model import House
from tests.patience import PATIENT
from workflow.engine.access import Actor, Protection, Role
from workflow.mail_folders.actions import OpenFolder
from workflow.mail_folders.events import Incoming
from workflow.records.files import File
from workflow.records.work_actions import AddDocument

STAFF = [
    Reader("carl", "case_worker", "jm", "normal"), Reader("dora", "approver", "jm", "high"),
    Reader("emil", "registrar", "jm", "very_high"), Reader("anna", "case_worker", "mwide", "normal"),
    Reader("bert", "approver", "mwide", "high"), Reader("nora", "case_worker", "im", "very_high"),
    Reader("jan", "admin", None, "very_high"), *(
        Reader(f"chief-{one}", "case_worker", one, "very_high") for one in ("mwide", "jm")),
]  # fmt: skip
SYSTEM = Actor("worker", frozenset({Role.SYSTEM}), None, Protection.VERY_HIGH)
PLAN = "code,title,retention_years,disposal,statutory,agreed,closed\n43,{0},10,B,no,no,no\n43.21,{0},10,B,no,no,no\n"


class Claims(Authenticator):
    """Takes everybody at their word: `Bearer claim|user|role|authority|clearance`."""

    def authenticate(self, authorization: str | None, fresh: bool = True) -> Holder:
        return self.identify(authorization, fresh)

    def identify(self, authorization: str | None, fresh: bool = True) -> Holder:  # noqa: ARG002 - as the base
        said = (authorization or "").removeprefix("Bearer ").split("|")
        if said[0] != "claim":
            raise Unauthorised
        _, user, role, authority, clearance = said
        return Holder(user, frozenset({Role(role)}), authority or None, Protection(clearance))

    def parse_stream(self, authorization: str | None) -> str | None:  # noqa: ARG002 - as the base
        """In place of a token's stream one that is in memory, so that what is remembered is shown at once."""
        return "staff:jan"


def claim(reader: Reader) -> str:
    return f"Bearer claim|{reader.user}|{reader.role}|{reader.authority or ''}|{reader.clearance}"


def fill(office: ReadingOffice, store: ContentStore | None, *, offered: bool) -> House:
    """Something of each kind in two authorities and of each need, with somebody in each relation to it."""
    house = House(office.paper)
    for one in STAFF:
        office.enter(one)
        house.staff[one.user] = one.authority
    if offered:
        record = office.offer("mwide")
        house.offers[record] = _find_process(office, record)
        for need in NEEDS[:2]:
            record = office.offer("mwide", need)
            house.transfers[record] = _find_process(office, record)
            _transfer(office, record)
    for authority, need in itertools.product(("mwide", "jm"), NEEDS[:2]):
        record = office.record(authority, need)
        office.at_slip(office.slip(authority, "nora", "normal", ["carl", "anna"], record), "start")
        office.slip(authority, f"chief-{authority}", need, ["dora"], None)
        folder = office.folder(authority, [need, "normal"])
        for item, to in zip(office.paper.folders[folder].items, ("nora", "carl"), strict=True):
            office.assign(folder, item, to)
        batch = office.batch(authority, "im", [need, "normal", "normal"])
        if store is not None:
            _scan(office, store, batch)
            _keep_files(house, office, store, authority, need)
    for record, known in list(office.paper.records.items()):
        if known.need == "high":
            folder = office.folder(known.authority, ["normal"])
            (item,) = office.paper.folders[folder].items
            office.assign(folder, item, f"chief-{known.authority}")
            office.file(folder, item, record)
    _keep_plans(office, house)
    office.deputy("carl", "emil", 30)
    return house


def _keep_files(house: House, office: ReadingOffice, store: ContentStore, authority: str, need: str) -> None:
    """A record with a document, a slip that encloses it for its stations, and a mail item that tells its word."""
    chief, word, mail = office.chief(authority), office.word(), office.word()

    def keep(text: str) -> File:
        data = f"file of {text}".encode()
        return File(sha256=store.put(data).sha256, file_name="x.pdf", size=len(data), stored=True)

    record = office.record(authority, need)
    (case,) = office.service.show("record", record, chief).resource["cases"]
    add = AddDocument(case=case["id"], title=word, file=keep(word), protection=Protection(need))
    added = office.engine.handle(add, chief, f"record:{record}").state.cases[case["id"]].documents
    (document,) = added
    office.paper.records[record].documents.append(need)
    slip = office.slip(authority, "nora", "normal", ["carl"], record)
    enclosed = {"title": word, "sha256": added[document].versions[0].sha256, "document": document}
    assert office.at_slip(slip, "revise", documents=[enclosed])
    item = Incoming(title=mail, protection=Protection(need), file=keep(mail))
    folder = office.engine.handle(OpenFolder(title="Mappe", items=(item,)), chief, "mail-folder").state
    (received,) = folder.items
    office.paper.folders[folder.id] = Folder(authority, {received: Item(need)})
    office.words |= {folder.id: "Mappe", received: mail}
    house.documents[record], house.enclosing[slip], house.mail[received] = document, record, folder.id


def _find_process(office: ReadingOffice, record: str) -> str:
    shown = office.service.history("record", record, office.chief("mwide")).rows
    return str(next(row["data"]["process"] for row in shown if row["type"] == "record.offered"))


def _transfer(office: ReadingOffice, record: str) -> None:
    chief = office.chief("mwide")
    (case,) = office.service.show("record", record, chief).resource["cases"]
    archive = Actor("lea", frozenset({Role.ARCHIVIST}), "lav", Protection.VERY_HIGH)
    office.service.act("record", record, "appraise", {"decisions": {record: "A", case["id"]: "A"}}, archive)
    office.service.act("record", record, "transfer", {}, chief)


def _keep_plans(office: ReadingOffice, house: House) -> None:
    """What is kept once for each authority, and the scan centre of both."""
    house.centres["centre-im"] = {"im", "mwide", "jm"}
    house.centres["centre-jm"] = {"jm"}
    enter = {"kind": "decentral", "title": office.word(), "carrier": "jm"}
    office.words["scan-centres/centre-jm"] = enter["title"]
    office.service.act("scan-centre", "centre-jm", "enter", enter, ADMIN)
    for authority in ("mwide", "jm"):
        for kind, kept, body in (
            ("file-plan", house.plans, lambda word, of=authority: {"authority": of, "csv": PLAN.format(word)}),
            ("templates", house.templates,
             lambda word: {"name": word, "stations": [{"kind": "co_sign", "actor": "emil"}]}),
        ):  # fmt: skip
            word = office.word()
            office.words[f"{'file-plans' if kind == 'file-plan' else kind}/{authority}"] = word
            office.service.create(kind, body(word), office.chief(authority))
            kept.add(authority)


def _scan(office: ReadingOffice, store: ContentStore, batch: str) -> None:
    """The first item with a page that looks different, the second one sealed, the third one a sheet that looks the
    same in all batches; each other file tells the batch's word.
    """
    authority, word = office.paper.batches[batch].authority, office.words[batch]
    chief = office.chief(authority)
    checker = Actor("checker", EVERYTHING, authority, Protection.VERY_HIGH)

    def put(what: str) -> str:
        return store.put(f"{what} of {word}".encode()).sha256

    def act(action: str, body: dict[str, Any], who: Actor = chief) -> None:
        office.service.act("scan-batch", batch, action, body, who)

    for number in (1, 2, 3):
        act("prepare", {"item": number})
        differ = {"page": 1, "detail": "x", "before": put("before"), "after": put("after")}
        file = put(f"raw {number}") if number < 3 else store.put(b"a form").sha256
        raw = {
            "sha256": file, "size": 1, "media_type": "application/pdf", "file_name": "x.pdf", "pages": 1,
            "content_sha256": put(f"content {number}"), "differences": [differ] if number == 1 else [],
        }  # fmt: skip
        act("scan", {"item": number, "raw": raw})
    act("check", {"item": 2}, checker)
    item = office.service.show("scan-batch", batch, chief).resource["items"][1]
    sealed, digest = complete_body("seal", {}, item, office.paper.now), put("product")
    sealed["product"]["sha256"] = digest
    sealed["stored"] |= {"sha256": digest, "read_back_sha256": digest}
    sealed["product"]["note"]["content_sha256"] = item["scans"][-1]["raw"]["content_sha256"]
    act("seal", {"item": 2, **sealed})


class Server:
    """The application without a socket, and the house on paper; so too of one sandbox."""

    def __init__(self, folder: Path) -> None:
        # a slow machine, or a profiler, is no reason for a 408
        settings = Settings(database_url="sqlite://", data=folder, request_seconds=10 * PATIENT)
        self.office = ReadingOffice()
        store = ContentStore(folder / "content")
        engine = self.office.engine
        services = open_services(settings, engine, Claims(engine))
        files: Any = SimpleNamespace(store=store, most_bytes=10_000_000)
        self.services = replace(services, views=self.office.views, resources=self.office.service, files=files)
        self.app: FastAPI = create_app(settings, pages.ROUTERS, self.services)
        self.runner = Runner(engine, folder / "runs")
        self.app.state.work, self.app.state.runner = Work(), self.runner
        self.app.state.sandboxes = Sandboxes(self.services, open_services)
        store.put(DOCUMENT)
        self.house = fill(self.office, store, offered=True)
        for authority in ("mwide", "jm", None):
            self._finish_run(authority)
            self._set_up_webhook(authority)
        self.sandbox = self._make_sandbox("nora")
        self.inner = ReadingOffice(self.sandbox.engine, self.sandbox.services.views)
        self.inside = fill(self.inner, None, offered=False)
        self._make_sandbox("carl")

    def close(self) -> None:
        self.app.state.work.close()
        self.app.state.sandboxes.close()
        self.office.close()

    def _make_sandbox(self, owner: str) -> Sandbox:
        word = self.office.word()
        made: Sandbox = self.app.state.sandboxes.create(owner, word, ReadingOffice.START)
        self.house.sandboxes[made.id], self.office.words[f"sandboxes/{made.id}"] = owner, word
        return made

    def _set_up_webhook(self, authority: str | None) -> None:
        word, name = self.office.word(), str(uuid4())
        command = CreateWebhook(url="https://a.example/", subjects=(word,), webhook=name, digest="ab" * 32)
        boss = Actor("boss", frozenset({Role.ADMIN}), authority, Protection.NORMAL)
        self.office.engine.handle(command, boss, "webhook")
        self.house.webhooks[name], self.office.words[f"webhooks/{name}"] = authority, word

    def _finish_run(self, authority: str | None) -> None:
        word, engine = self.office.word(), self.office.engine
        asked = RequestRun(scenario="nrw-plan-2021", replications=1, title=word)
        planner = Actor("petra", frozenset({Role.PLANNER}), authority, Protection.NORMAL)
        run = engine.handle(asked, planner, "run").state.id
        digests = {"users": "ab" * 32}
        for command in (StartRun(), FinishRun(scenario_hash="cd" * 32, items=1, tables=digests)):
            engine.handle(command, SYSTEM, run_stream(run))
        out = self.runner.get_folder(run) / "out"
        out.mkdir(parents=True)
        told = {"as_of": "2021-08-01", "deadlines": [], "assumptions": [], "notice": {"de": word, "en": word},
                "mode": "risk", "replications": 1, "scan_replications": 1}  # fmt: skip
        (out / "summary.json").write_text(json.dumps(told))
        figures = [f"{name}{error}" for name in ("p10", "p50", "p90") for error in ("", "_se")]
        rows = [
            {"date": date(2021, 12, 31), "product": one, "plan": 1} | dict.fromkeys(figures, 1.0)
            for one in ("e_akte", "e_laufmappe")
        ]
        pl.DataFrame(rows).write_parquet(out / "users.parquet")
        day = date(2022, 6, 1)
        authority_row = {
            "id": "a", "name": word, "kind": "ministry", "department": "FM", "project": "p", "users_e_akte": 1,
            "users_e_laufmappe": 1, "go_live_plan": day, "go_live_p10": day, "go_live_p50": day, "go_live_p90": day,
        }  # fmt: skip
        pl.DataFrame([authority_row]).write_parquet(out / "authorities.parquet")
        for name in ("users.csv", "report.html", "users.de.svg", "users.en.svg"):
            (out / name).write_text(word)
        self.house.runs[run], self.office.words[f"runs/{run}"] = authority, word

    def token_in_sandbox(self, reader: Reader) -> str:
        actor = actor_of(replace(reader, absent=None))
        holder = Holder(actor.user, actor.roles, actor.authority, actor.clearance)
        return "Bearer " + self.sandbox.authenticator.issue_token(holder, 10_000)


def know_words(house: House, office: ReadingOffice, reader: Reader) -> set[str]:
    """The words of everything that somebody may read."""
    paper = house.paper
    known = {
        *paper.may_read_records(reader), *paper.may_read_slips(reader), *paper.may_read_items(reader),
        *paper.may_read_batches(reader),
        *(f"{kind}/{key}" for kind in ("file-plans", "templates", "scan-centres", "runs", "webhooks", "sandboxes")
          for key in house.may_read(kind, reader)),
    }  # fmt: skip
    return {office.words[key] for key in known if key in office.words}


async def ask(
    app: FastAPI, address: str, token: str | None, absent: str | None = None, until: frozenset[str] | None = None
) -> tuple[int, str]:
    """Status and text of a GET, straight to the application; a stream is left once it has told the words `until`."""
    path, _, query = address.partition("?")
    said = {"authorization": token, "on-behalf-of": absent, "host": "eva"}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": quote(path).encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), text.encode()) for name, text in said.items() if text is not None],
        "client": ("127.0.0.1", 1), "server": ("eva", 80), "app": app,
    }  # fmt: skip
    status, pieces, asked, gone = 0, bytearray(), False, asyncio.Event()

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        pieces.extend(message.get("body", b""))
        if until is not None and status == 200 and all(word.encode() in pieces for word in until):
            gone.set()

    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENT):
            await app(scope, receive, send)
    if pieces.startswith(b"PK"):
        with ZipFile(BytesIO(pieces)) as package:
            pieces = bytearray(b"".join(map(package.read, package.namelist())))
    return status, pieces.decode("utf-8", "replace")
