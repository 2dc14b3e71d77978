"""The state-machine explorer: every state can be chosen, and shows each row with roles, conditions and basis."""

import re
from typing import Any

import httpx
import pytest
from lxml import html

from api.pages.testing.diagram import EDGE, HEIGHT, WIDTH, draw
from api.pages.testing.machines import list_rows
from scanning.catalogue import MACHINES
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from workflow.engine.access import ROLE_NAMES
from workflow.engine.machine import Machine


@pytest.fixture(scope="module")
def testers(served: Served) -> dict[str, httpx.Client]:
    """A tester at a German and one at an English browser."""
    found = {}
    for language in ("de", "en"):
        http = httpx.Client(base_url=served.url, headers={"accept-language": language}, timeout=PATIENT)
        http.post("/login", data={"token": served.bearer("tina", "auditor", authority="mwide")})
        served.clients.append(http)
        found[language] = http
    return found


def page_of(tester: httpx.Client, path: str) -> html.HtmlElement:
    told = tester.get(path)
    assert told.status_code == 200, told.text
    return html.fromstring(told.text)


every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))


@every_machine
def test_every_state_is_drawn_once_within_the_drawing_and_none_upon_another(machine: Machine[Any]) -> None:
    drawing = draw(machine)
    assert [box.state for box in drawing.boxes if box.state in machine.states] == [box.state for box in drawing.boxes]
    assert sorted(box.state for box in drawing.boxes) == sorted(machine.states)
    for box in drawing.boxes:
        assert EDGE <= box.x <= drawing.width - WIDTH - EDGE
        assert EDGE <= box.y <= drawing.height - HEIGHT - EDGE
    for one in drawing.boxes:
        for other in drawing.boxes:
            apart = abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
            assert one is other or apart, (one, other)


@every_machine
def test_there_is_an_arrow_for_each_change_of_state_with_all_its_actions(machine: Machine[Any]) -> None:
    drawn = {(arrow.source, arrow.target): set(arrow.actions) for arrow in draw(machine).arrows}
    wanted: dict[tuple[str, str], set[str]] = {}
    for row in machine.table:
        if row.source != row.target:
            wanted.setdefault((row.source, row.target), set()).add(row.action)
    assert drawn == wanted


@every_machine
def test_all_rows_together_are_the_table(machine: Machine[Any]) -> None:
    listed = [row for state in machine.states for row in list_rows(machine, state)]
    assert sorted(map(repr, listed)) == sorted(map(repr, machine.table))


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_state_says_who_may_do_what_and_what_stands_against_it(
    testers: dict[str, httpx.Client], language: str
) -> None:
    machine = MACHINES["routing-slip"]
    page = page_of(testers[language], "/pages/machines/routing-slip?state=circulating")
    lines = page.xpath("//section[@aria-labelledby='rows']//tbody/tr")
    rows = list_rows(machine, "circulating")
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        text = " ".join(line.text_content().split())
        assert row.action in text
        assert row.event in text
        for role in row.roles:
            name = ROLE_NAMES.get(role)
            assert name is None or name.get(language) in text
        for name in row.guards:
            guard = machine.guards[name]
            assert " ".join((guard.de if language == "de" else guard.en).split()) in text
        assert " ".join(row.basis.split()) in text


def test_the_first_state_is_shown_until_another_is_chosen(testers: dict[str, httpx.Client]) -> None:
    for path in ("/pages/machines/record", "/pages/machines/record?state=none"):
        page = page_of(testers["en"], path)
        (current,) = page.xpath("//*[local-name()='svg']//*[@aria-current='true']")
        assert MACHINES["record"].initial in current.get("href")


def test_machines_are_named_in_the_testers_language(testers: dict[str, httpx.Client]) -> None:
    page = page_of(testers["de"], "/pages/machines/routing-slip")
    assert page.xpath("string(//h1)") == "Zustandsautomat: E-Laufmappe routing-slip"
    others = page.xpath("//p[@class='take']/a")
    assert {other.get("href").rpartition("/")[2] for other in others} == MACHINES.keys() - {"routing-slip"}
    assert "E-Postmappe" in [other.text for other in others]


def test_states_lead_to_each_other(testers: dict[str, httpx.Client]) -> None:
    page = page_of(testers["de"], "/pages/machines/scan-batch?state=sealed")
    links = {str(link) for link in page.xpath("//section[@aria-labelledby='rows']//td/a/@href")}
    assert "?state=delivered#rows" in links
    assert all(re.fullmatch(r"\?state=[a-z_]+#rows", link) for link in links)


def test_an_end_says_so(testers: dict[str, httpx.Client]) -> None:
    """Of every machine that has a state which nothing leads out of."""
    ends = {name: [state for state in one.states if not list_rows(one, state)] for name, one in MACHINES.items()}
    assert any(ends.values())
    for name, states in ends.items():
        for state in states[:1]:
            text = page_of(testers["en"], f"/pages/machines/{name}?state={state}").text_content()
            assert "Nothing happens here any more" in text


def test_a_machine_that_there_is_not_is_told(testers: dict[str, httpx.Client]) -> None:
    assert testers["en"].get("/pages/machines/none").status_code == 404


def test_results_of_replays_lead_to_the_machines_and_do_not_say_where_the_server_keeps_its_data(
    served: Served, testers: dict[str, httpx.Client]
) -> None:
    page = page_of(testers["en"], "/pages/replays")
    assert page.xpath("//nav[@class='parts']//a[@href='/pages/machines/routing-slip']")
    assert str(served.services.settings.data) not in page.text_content()
    assert "eva replay" in page.text_content()
