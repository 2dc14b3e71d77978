"""Every address that is read, and who gets an answer there: said from the trade, by nothing that the code has.

`reading_model` says it of records, slips, mail and batches; here stands the rest of `docs/reference/authorisation.csv`
and of the public face: file plans, templates and staff are their authority's, a scan centre is its clients' and its
carrier's, runs are for planners of the authority, a sandbox is its owner's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.api.application.reading_model import Paper, Reader

HERE = {200}
HIDDEN, NOT_FOR_YOU = {404}, {403}
PLANNERS, OVERSEERS = {"planner", "admin"}, {"admin", "auditor"}
ID, PART = "{id}", "{n}"


@dataclass
class House:
    """A server, or a sandbox in it: what is kept there besides paper, each by its key, and whose it is."""

    paper: Paper
    plans: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
    """Authorities that have some."""
    staff: dict[str, str | None] = field(default_factory=dict)
    centres: dict[str, set[str]] = field(default_factory=dict)
    """Centre -> clients and carrier."""
    runs: dict[str, str | None] = field(default_factory=dict)
    webhooks: dict[str, str | None] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)
    """Record offered to the archive -> the process of its disposal; so too of what was handed over."""
    transfers: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    """Record -> a document of it whose file the server has."""
    enclosing: dict[str, str] = field(default_factory=dict)
    """Routing slip that encloses such a document -> its record."""
    mail: dict[str, str] = field(default_factory=dict)
    """Mail item whose file the server has -> its folder."""
    sandboxes: dict[str, str] = field(default_factory=dict)
    """Sandbox -> owner."""

    def may_read(self, kind: str, reader: Reader) -> set[str]:
        """Keys of what somebody may read."""
        own = reader.authority
        if kind in {"records", "routing-slips", "mail-folders", "scan-batches"}:
            of_paper: dict[str, Callable[[Reader], set[str]]] = {
                "records": self.paper.may_read_records, "routing-slips": self.paper.may_read_slips,
                "mail-folders": self.paper.may_read_folders, "scan-batches": self.paper.may_read_batches,
            }  # fmt: skip
            return of_paper[kind](reader)
        if kind in {"file-plans", "templates"}:
            kept = self.plans if kind == "file-plans" else self.templates
            return {key for key in kept if own in {None, key}}
        if kind == "staff":
            return {key for key, where in self.staff.items() if own is None or own == where or key == reader.user}
        if kind == "scan-centres":
            return {key for key, concerned in self.centres.items() if own is None or own in concerned}
        if kind == "runs":
            known = {key for key, where in self.runs.items() if own is None or own == where}
            return known if reader.role in PLANNERS else set()
        if kind == "webhooks":
            ours = {key for key, where in self.webhooks.items() if own is None or own == where}
            return ours if reader.role == "admin" else set()
        return {key for key, owner in self.sandboxes.items() if owner == reader.user}

    def never_named_to(self, reader: Reader) -> set[str]:
        """Keys of things that somebody must not come across anywhere: all they may not read, but for the record that a
        slip they take part in is about.
        """
        kinds = ("records", "routing-slips", "mail-folders", "scan-batches", "runs", "webhooks", "sandboxes")
        about = {str(self.paper.slips[key].record) for key in self.may_read("routing-slips", reader)}
        return {key for kind in kinds for key in {*self.everything(kind)} - self.may_read(kind, reader)} - about

    def everything(self, kind: str) -> list[str]:
        paper = self.paper
        kept: dict[str, object] = {
            "records": paper.records, "routing-slips": paper.slips, "mail-folders": paper.folders,
            "scan-batches": paper.batches, "file-plans": self.plans, "templates": self.templates, "staff": self.staff,
            "scan-centres": self.centres, "runs": self.runs, "webhooks": self.webhooks,
            "sandboxes": self.sandboxes,
        }  # fmt: skip
        return sorted(kept[kind])  # type: ignore[call-overload]


Answers = set[int]
OWN_LISTS = (
    "records", "routing-slips", "mail-folders", "scan-batches", "file-plans", "templates", "staff", "scan-centres",
)  # fmt: skip
PAGED = ("records", "routing-slips", "mail-folders", "scan-batches")
TO_ALL = (
    "/cockpit", "/inbox", "/me", "/events", "/events/stream", "/state-machines", "/state-machines/record",
)  # fmt: skip
ONLY_MAIN = (
    "/", "/intake/channels", "/scan-counts", "/tokens", "/scenarios", "/scenarios/nrw-plan-2021", "/sandboxes",
    "/pages/cockpit", "/pages/inbox", "/pages/records", "/pages/replays", "/pages/scanning/counts",
    "/pages/scanning/measures", "/pages/scanning", "/pages/new/records", "/pages/new/routing-slips", "/pages/persons",
    "/pages/mail", "/pages/deputies", "/pages/coverage", "/pages/notices", "/pages/notices/stream",
    "/pages/sandboxes",
)  # fmt: skip
WITHOUT_TOKEN = (
    "/health/live", "/health/ready", "/openapi.json", "/docs", "/login", "/static/eva.css", "/problems",
    "/problems/forbidden",
)  # fmt: skip
USED_LINK = "/login/link/evas_" + "0" * 32 + "_" + "x" * 43
"""Of nobody: it says so, and opens nothing."""
ELSEWHERE = "/pages/language/de"
"""For everybody, and leads on to another page."""
AS_ANYBODY = {
    "/pages/sandboxes/{sandbox}", "/pages/sandboxes/{sandbox}/replay", "/pages/sandboxes/{sandbox}/{plural}/new",
    f"/pages/sandboxes/{{sandbox}}/{{plural}}/{ID}",
}  # fmt: skip
"""Pages on which the owner of a sandbox, and nobody else, is whoever they like in it (`test_sandbox_pages`)."""
MESSAGE = "/records/{id}/disposal/{process}/{message}"
TABLES = ("users", "summary", "report.html")
OWN_PAGES = ("routing-slips", "records", "mail-folders")
"""Kinds whose things have pages of their own."""
CONTENT = {1: ("content", "raw", "before", "after"), 2: ("product",), 3: ("raw",)}
"""Files that there are of the items of a batch."""


def _known(house: House, kind: str, key: str, reader: Reader) -> Answers:
    return HERE if key in house.may_read(kind, reader) else HIDDEN


def _planned(house: House, key: str, reader: Reader) -> Answers:
    return _known(house, "runs", key, reader) if reader.role in PLANNERS else NOT_FOR_YOU


def list_resources(house: House, reader: Reader) -> Iterator[tuple[str, str, Answers]]:
    """Route, address and answer of everything that there is on the server and, once more, in each sandbox."""
    for address in TO_ALL:
        query = "?limit=1000" if address == "/events" else ""
        yield address.replace("/record", "/{name}"), address + query, HERE
    for kind in OWN_LISTS:
        yield f"/{kind}", f"/{kind}" + ("?limit=200" if kind in PAGED else ""), HERE
        for key in house.everything(kind):
            for what in ("", "/actions", "/history"):
                yield f"/{kind}/{ID}{what}", f"/{kind}/{key}{what}", _known(house, kind, key, reader)


def list_main(house: House, reader: Reader) -> Iterator[tuple[str, str, Answers]]:
    """The same of what there is on the server only."""
    for address in ONLY_MAIN:
        route = address.replace("nrw-plan-2021", "{name:scenario}")
        yield (
            route.replace("/new/records", "/new/{plural}"),
            address,
            HERE,
        )
    yield "/pages/machines/{name}", "/pages/machines/record", HERE
    yield "/pages/handbook/{name:path}", "/pages/handbook/de/testen", HERE
    for rest in ("", "/content"):
        yield f"/pages/coverage/{{name}}{rest}", f"/pages/coverage/none.html{rest}", HIDDEN
    yield "/metrics", "/metrics", HERE if reader.role in OVERSEERS else NOT_FOR_YOU
    for address in ("/runs", "/pages/runs"):
        yield address, address, HERE if reader.role in PLANNERS else NOT_FOR_YOU
    yield from _list_runs(house, reader)
    yield from _list_webhooks(house, reader)
    for kind in PAGED:
        for key in house.everything(kind)[::2]:  # drawing a page takes its time
            route = f"/pages/things/{kind if kind in OWN_PAGES else '{plural}'}/{ID}"
            yield route, f"/pages/things/{kind}/{key}", _known(house, kind, key, reader)
    for key in house.everything("records"):
        known = _known(house, "records", key, reader)
        yield "/pages/new/routing-slips", f"/pages/new/routing-slips?record={key}", known
    yield from _list_pages_with_files(house, reader)
    for key, process in house.offers.items():
        yield MESSAGE, f"/records/{key}/disposal/{process}/0501", _known(house, "records", key, reader)
    for key, process in house.transfers.items():
        whole = HERE if house.paper.may_read_protocols(key, reader) else HIDDEN
        yield MESSAGE, f"/records/{key}/disposal/{process}/0503", whole
    for key in house.everything("scan-batches"):
        known = _known(house, "scan-batches", key, reader)
        yield f"/pages/scanning/batches/{ID}", f"/pages/scanning/batches/{key}", known
        for of in ("before", "after"):
            picture = f"/pages/scanning/batches/{{}}/items/{{}}/pages/{{}}/{of}"
            yield picture.format(ID, "{number}", "{page}").replace(of, "{of}"), picture.format(key, 1, 1), known
        for number, files in CONTENT.items():
            for of in files:
                address = f"/scan-batches/{key}/items/{number}/content?of={of}"
                yield f"/scan-batches/{ID}/items/{PART}/content", address, _known(house, "scan-batches", key, reader)
    for key in house.everything("sandboxes"):
        known = _known(house, "sandboxes", key, reader)
        yield f"/sandboxes/{ID}", f"/sandboxes/{key}", known
        yield f"/sandboxes/{ID}/requests", f"/sandboxes/{key}/requests", known
        yield f"/sandboxes/{ID}/timers", f"/sandboxes/{key}/timers?stream=record:x", known


def _list_pages_with_files(house: House, reader: Reader) -> Iterator[tuple[str, str, Answers]]:
    before = "/pages/things"
    for key, document in house.documents.items():
        route = f"{before}/records/{ID}/documents/{{document}}/{{number}}/content"
        yield route, f"{before}/records/{key}/documents/{document}/1/content", _known(house, "records", key, reader)
    for key in house.enclosing:
        known = _known(house, "routing-slips", key, reader)
        route = f"{before}/routing-slips/{ID}"
        yield f"{route}/documents/{{number}}/content", f"{before}/routing-slips/{key}/documents/1/content", known
        yield f"{route}/route", f"{before}/routing-slips/{key}/route", known
    for item, folder in house.mail.items():
        known = HERE if item in house.paper.may_read_items(reader) else HIDDEN
        route = f"{before}/mail-folders/{ID}/items/{{item}}/content"
        yield route, f"{before}/mail-folders/{folder}/items/{item}/content", known


def _list_webhooks(house: House, reader: Reader) -> Iterator[tuple[str, str, Answers]]:
    administers = reader.role == "admin"
    yield "/webhooks", "/webhooks?limit=200", HERE if administers else NOT_FOR_YOU
    for key in house.everything("webhooks"):
        answer = _known(house, "webhooks", key, reader) if administers else NOT_FOR_YOU
        for what in ("", "/dead-letters"):
            yield f"/webhooks/{ID}{what}", f"/webhooks/{key}{what}", answer


def _list_runs(house: House, reader: Reader) -> Iterator[tuple[str, str, Answers]]:
    for key in house.everything("runs"):
        answer = _planned(house, key, reader)
        yield f"/runs/{ID}", f"/runs/{key}", answer
        yield f"/pages/runs/{ID}", f"/pages/runs/{key}", answer
        for before in ("", "/pages"):
            yield f"{before}/runs/{ID}/progress", f"{before}/runs/{key}/progress", answer
        for table in TABLES:
            yield f"/runs/{ID}/{{table}}", f"/runs/{key}/{table}", answer
        yield f"/pages/runs/{ID}/charts/{{file}}", f"/pages/runs/{key}/charts/users.svg", answer
        yield f"/pages/runs/{ID}/tables/{{table}}", f"/pages/runs/{key}/tables/authorities", answer
        drawn = {204} if answer == HERE else answer
        yield f"/pages/runs/{ID}/preliminary", f"/pages/runs/{key}/preliminary", drawn
        yield f"/pages/runs/{ID}/assumptions", f"/pages/runs/{key}/assumptions", answer
        yield f"/pages/runs/{ID}/files/{{name}}", f"/pages/runs/{key}/files/users.csv", answer
    one, two = house.everything("runs")[:2]
    both = HERE if {one, two} <= house.may_read("runs", reader) else HIDDEN
    yield "/pages/compare", f"/pages/compare?run={one}&run={two}", both if reader.role in PLANNERS else NOT_FOR_YOU
