"""The results of replays: the JUnit files that `eva replay --junit` wrote into the data folder."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree
from starlette.responses import Response

from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import LoggedIn

router = create_page_router()
LARGEST = 5_000_000
MOST_FILES = 20
MOST_CASES = 2000
FOLDER = "replays"


@dataclass(frozen=True)
class Case:
    name: str
    outcome: str
    """`passed`, `failed` or `skipped`."""
    message: str
    seconds: float | None


@dataclass(frozen=True)
class Report:
    name: str
    written: datetime
    cases: list[Case]
    fault: bool = False

    def count(self, outcome: str) -> int:
        return sum(case.outcome == outcome for case in self.cases)


@router.get("/pages/replays")
def show_replays(who: LoggedIn) -> Response:
    folder = who.services.settings.data / FOLDER
    return render_page(who, "replays.html.j2", here_is="replays", reports=read_reports(folder))


def read_reports(folder: Path) -> list[Report]:
    """The reports in a folder, newest first; `fault` marks one that cannot be read."""
    found = [(path.stat().st_mtime, path) for path in folder.glob("*.xml") if path.is_file()]
    return [_report(path, at) for at, path in sorted(found, reverse=True)[:MOST_FILES]]


def _report(path: Path, at: float) -> Report:
    written = datetime.fromtimestamp(at, UTC)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    with suppress(etree.XMLSyntaxError, OSError, ValueError):
        if path.stat().st_size <= LARGEST:
            nodes = list(etree.fromstring(path.read_bytes(), parser).iter("testcase"))
            return Report(path.name, written, [_case(node) for node in nodes[:MOST_CASES]])
    return Report(path.name, written, [], fault=True)


def _case(node: "etree._Element") -> Case:
    name = " ".join(filter(None, (node.get("classname"), node.get("name"))))
    for tag, outcome in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = node.find(tag)
        if found is not None:
            message = "\n".join(dict.fromkeys(filter(None, (found.get("message"), (found.text or "").strip()))))
            return Case(name, outcome, message[:2000], _seconds(node))
    return Case(name, "passed", "", _seconds(node))


def _seconds(node: "etree._Element") -> float | None:
    with suppress(ValueError):
        return float(node.get("time", ""))
    return None
