"""`eva demo`: an authority that one believes, filled once and whole, and a link that opens it."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.application.catalogue import SERVED
from api.application.run import RequestRun
from api.cli.demo.fill import fill
from api.pages.testing.coverage import list_pages
from api.pages.testing.replays import read_reports
from scanning.capture.services import ScanServices
from scenarios import FOLDER
from tests.api.server_in_thread import COMPUTED_BEFORE, QUICK
from tests.conftest import Done
from tests.patience import PATIENT
from workflow.engine.engine import Engine

NOW = datetime(2021, 7, 21, 6, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, with a forecast that takes no time."""
    place = tmp_path_factory.mktemp("demo") / "eva-demo"
    place.mkdir()
    told: list[str] = []
    quick = RequestRun(text=QUICK, title="wenig Post", **COMPUTED_BEFORE)
    fill(place, NOW, lambda _de, en: told.append(en), quick, (FOLDER / "replays" / "postmappe",))
    assert len(told) == 5
    return place


@pytest.fixture
def states(folder: Path) -> Iterator[Callable[[str], list[Any]]]:
    """Every thing of a category as it is now."""
    engine = Engine(f"sqlite:///{folder / 'eva.db'}", catalogue=SERVED)
    yield lambda category: [engine.load(stream).state for stream in engine.log.streams(category)]
    engine.close()


def test_there_is_something_of_everything(states: Callable[[str], list[Any]]) -> None:
    slips = states("routing-slip")
    wanted = {"draft", "circulating", "paused", "returned", "filed", "withdrawn", "cancelled"}
    assert wanted <= {slip.state for slip in slips}
    late = [one for slip in slips for one in slip.active() if one.plan.deadline and one.plan.deadline < NOW.date()]
    assert late, "somebody is late"
    cases = [case for record in states("record") for case in record.cases.values()]
    assert 25 <= len(cases) <= 60
    assert {"in_work", "closed"} <= {case.life.state for case in cases}
    assert {"received", "filed"} <= {item.state for one in states("mail-folder") for item in one.items.values()}
    items = [item.state for batch in states("scan-batch") for item in batch.items.values()]
    seen = {"received", "excluded", "scanned", "rejected", "delivered", "acknowledged", "destruction_due"}
    assert seen == set(items)
    assert [(run.state, run.request.replications) for run in states("run")] == [("finished", 2)]


def test_something_of_each_kind_waits_for_the_clerk(states: Callable[[str], list[Any]]) -> None:
    slips = states("routing-slip")
    kinds = {one.kind.value for slip in slips for one in slip.active() if one.actor == "anna.mueller"}
    assert {"co_sign", "acknowledge"} <= kinds
    assert [slip for slip in slips if slip.state == "returned" and slip.owner == "anna.mueller"]
    mail = [item for folder in states("mail-folder") for item in folder.items.values()]
    assert [item for item in mail if item.state == "assigned" and item.assigned_to == "anna.mueller"]


def test_people_and_cases_have_names(states: Callable[[str], list[Any]]) -> None:
    people = {member.user for member in states("staff")}
    assert {"petra.vogel", "anna.mueller", "murat.yilmaz"} <= people
    assert not {user for user in people if re.search(r"-\d\d$", user)}, "nobody is a number"
    titles = {record.life.title for record in states("record")}
    assert "Förderantrag Windpark Borchen" in titles
    assert not [title for title in titles if re.search(r"\d{4}-\d\d-\d\d", title)]


def test_a_tester_finds_results_of_replays_and_what_they_cover(folder: Path) -> None:
    (report,) = read_reports(folder / "data" / "replays")
    assert {case.outcome for case in report.cases} == {"passed"}
    assert all(case.name.startswith("replays/postmappe/") for case in report.cases)
    assert [page.name for page in list_pages(folder / "data" / "replays")] == ["replays.html"]


def test_files_are_there_to_be_opened(folder: Path, states: Callable[[str], list[Any]]) -> None:
    cases = [case for record in states("record") for case in record.cases.values()]
    documents = [document for case in cases for document in case.documents.values()]
    assert documents
    for document in documents:
        sha = document.versions[-1].sha256
        data = (folder / "data" / "content" / "objects" / sha[:2] / sha[2:4] / sha).read_bytes()
        assert data.startswith(b"%PDF"), document.title


def test_every_stored_file_is_one_that_the_log_names(folder: Path) -> None:
    engine = Engine(f"sqlite:///{folder / 'eva.db'}", catalogue=SERVED)
    with closing(engine), ScanServices(engine, folder / "data") as services:
        found = services.maintenance.fixity()
    assert (found.changed, found.missing, found.untracked) == ((), (), ())


def test_a_link_of_the_command_opens_the_pages_once(folder: Path) -> None:
    command = [sys.executable, "-m", "api.cli.main", "demo", "--dir", str(folder), "--no-browser", "--port", "0"]
    head = (folder / "eva.db").stat().st_ino
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+/login/link/\S+", line)))
            with httpx.Client(follow_redirects=True, timeout=PATIENT) as browser:
                page = browser.get(link)
                assert page.status_code == 200
                assert "petra.vogel" in page.text
                assert "wenig Post" in page.text, "the finished forecast"
            with httpx.Client(timeout=PATIENT) as another:
                assert another.get(link).status_code == 401, "each link is good once"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENT) == 0
    assert (folder / "eva.db").stat().st_ino == head, "the folder is used again, not filled anew"


def test_what_is_there_already_is_never_overwritten(tmp_path: Path, eva: Callable[..., Done]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = eva("demo", "--dir", tmp_path, "--no-browser")
    assert done.status == 2
    assert "holds something else" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
