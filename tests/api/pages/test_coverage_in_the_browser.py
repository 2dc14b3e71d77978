"""What replays cover, in the browser: the pages that lie in the data folder, shown apart from everything else."""

import os
from collections import Counter
from pathlib import Path

import httpx
import pytest
from lxml import html

from api.replay.coverage.coverage import Coverage
from api.replay.coverage.page import render_page
from tests.api.server_in_thread import Served
from tests.patience import PATIENT


@pytest.fixture(scope="module")
def tester(served: Served) -> httpx.Client:
    http = httpx.Client(base_url=served.url, headers={"accept-language": "de"}, timeout=PATIENT)
    http.post("/login", data={"token": served.bearer("tina", "auditor", authority="mwide")})
    served.clients.append(http)
    return http


@pytest.fixture(scope="module")
def folder(served: Served) -> Path:
    place = served.services.settings.data / "replays"
    place.mkdir(parents=True, exist_ok=True)
    return place


def test_without_any_it_says_how_to_make_one(tester: httpx.Client) -> None:
    told = tester.get("/pages/coverage")
    assert told.status_code == 200
    assert "--coverage" in told.text
    assert not html.fromstring(told.text).xpath("//iframe")


def test_the_newest_is_shown_and_the_others_are_linked(tester: httpx.Client, folder: Path) -> None:
    page = render_page(Coverage(Counter(), Counter(), Counter(), Counter()), "en", html=True)
    for age, name in enumerate(("neu.html", "alt & älter.html")):
        (folder / name).write_text(page, encoding="utf-8")
        os.utime(folder / name, (1_700_000_000 - age, 1_700_000_000 - age))
    shown = html.fromstring(tester.get("/pages/coverage").text)
    assert shown.xpath("//iframe/@src") == ["/pages/coverage/neu.html/content"]
    told = tester.get(str(shown.xpath("//iframe/@src")[0]))
    assert "Coverage of the machines" in told.text
    assert "sandbox" in told.headers["content-security-policy"]
    assert told.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["none.html", "..%2f..%2feva.db", "linked.html", "neu.xml", "%00.html"])
def test_nothing_else_of_the_disk_is_read(tester: httpx.Client, folder: Path, name: str) -> None:
    (folder / "neu.xml").write_text("<a/>")
    if not (folder / "linked.html").is_symlink():
        (folder / "linked.html").symlink_to(folder / "neu.xml")
    assert tester.get(f"/pages/coverage/{name}").status_code == 404
    assert tester.get(f"/pages/coverage/{name}/content").status_code == 404


def test_nobody_reads_it_without_being_logged_in(served: Served) -> None:
    told = httpx.get(f"{served.url}/pages/coverage", timeout=PATIENT)
    assert told.status_code == 303
    assert told.headers["location"].startswith("/login")
