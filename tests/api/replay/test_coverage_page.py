"""The coverage page: the same facts in Markdown and HTML, with everything escaped."""

from typing import Any

import pytest
from lxml import etree, html

from api.replay.coverage.coverage import Coverage, Score, list_all, list_missing, list_reachable
from api.replay.coverage.keys import describe_row, get_row_key
from api.replay.coverage.page import get_least_share, render_diagram, render_line, render_page, render_picture
from api.replay.coverage.unreachable import find_unreachable
from scanning.catalogue import MACHINES

MAIL = MACHINES["mail-folder"]


def covered() -> Coverage:
    """Every row of the mail folder taken twice, nothing else."""
    coverage = Coverage()
    for row in MAIL.table:
        coverage.rows[get_row_key(MAIL, row)] += 2
    return coverage


def test_markdown_and_html_have_the_same_tables() -> None:
    text, page = render_page(covered(), "en"), html.fromstring(render_page(covered(), "en", html=True))
    rows = [row for row in text.splitlines() if row.startswith("| `")]
    assert (
        len(rows)
        == len(page.xpath("//table[preceding-sibling::h2]//tr[td]"))
        == sum(len(machine.table) for machine in MACHINES.values())
    )
    assert [heading.text for heading in page.xpath("//h2")] == list(MACHINES)
    assert text.count("```mermaid") == len(page.xpath("//*[local-name()='svg']")) == len(MACHINES)
    assert not page.xpath("//script | //link | //img | //@src | //@href"), "nothing is loaded"


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_and_every_way_is_drawn(name: str) -> None:
    machine = MACHINES[name]
    picture = etree.fromstring(render_picture(machine, covered()))
    boxes = {one.get("data-state"): one for one in picture.iter("{*}rect")}
    assert list(boxes) == list(machine.states)
    places = [(int(one.get("x")), int(one.get("y"))) for one in boxes.values()]
    assert len(set(places)) == len(places)
    assert all(abs(a[0] - b[0]) >= 150 or abs(a[1] - b[1]) >= 60 for a in places for b in places if a != b)
    ways = {(row.source, row.target) for row in machine.table if row.source != row.target}
    assert sum(1 for one in picture.iter("{*}path") if one.get("marker-end")) == len(ways)
    told = {action for one in picture.iter("{*}title") for action in (one.text or "").split(", ")}
    assert {row.action for row in machine.table} <= told


def test_colours_tell_what_was_taken() -> None:
    for coverage, wanted in ((covered(), "all"), (Coverage(), "none")):
        picture = etree.fromstring(render_picture(MAIL, coverage))
        assert {one.get("class") for one in picture.iter("{*}rect")} == {wanted}


@pytest.mark.parametrize(
    ("language", "heading", "score"),
    [("de", "Abdeckung der Zustandsautomaten", "0 von 7 (0%)"), ("en", "Coverage of the machines", "0 of 7 (0%)")],
)
def test_it_is_told_in_the_language_of_whoever_asks(language: str, heading: str, score: str) -> None:
    page = html.fromstring(render_page(Coverage(), language, html=True))
    assert (page.get("lang"), page.xpath("string(//h1)")) == (language, heading)
    assert score in page.xpath("//td/text()")
    assert f"# {heading}" in render_page(Coverage(), language)


def test_arrows_are_escaped_in_html_and_plain_in_markdown() -> None:
    row = describe_row(get_row_key(MAIL, MAIL.table[0]))
    assert f"| `{row}` | 2 |" in render_page(covered(), "en")
    raw = render_page(covered(), "en", html=True)
    assert "-->" not in raw
    assert row in html.fromstring(raw).text_content()


@pytest.mark.parametrize(("language", "cannot_be"), [("de", "kann nicht sein"), ("en", "cannot be")])
def test_what_cannot_be_reached_says_why(language: str, cannot_be: str) -> None:
    text = render_page(Coverage(), language)
    for machine in MACHINES.values():
        for row in machine.table:
            key = get_row_key(machine, row)
            unreachable = find_unreachable(machine.name, "row", key)
            wanted = "0" if unreachable is None else f"{cannot_be}: {unreachable.why.get(language)}"
            assert f"| `{describe_row(key)}` | {wanted} |" in text


@pytest.mark.parametrize(("language", "word"), [("de", "Abdeckung: "), ("en", "coverage: ")])
def test_the_line_has_the_score_of_each_machine(language: str, word: str) -> None:
    line = render_line(covered(), language)
    assert line.startswith(word)
    assert line.count(";") == len(MACHINES) - 1
    assert "mail-folder row 7/7" in line or "mail-folder row" in line


def test_the_least_share_is_that_of_the_worst_machine() -> None:
    assert get_least_share(covered()) == 0
    assert Score(0, 0).share == 1
    assert Score(1, 4).share == 0.25


def test_states_are_coloured_by_the_rows_taken_out_of_them() -> None:
    nothing, all_rows = render_diagram(MAIL, Coverage()), render_diagram(MAIL, covered())
    assert nothing.count(" none\n") == len(MAIL.states)
    assert " none\n" not in all_rows
    one = Coverage()
    first = next(row for row in MAIL.table if sum(other.source == row.source for other in MAIL.table) > 1)
    one.rows[get_row_key(MAIL, first)] += 1
    assert f"class {first.source} some" in render_diagram(MAIL, one)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_what_is_missing_of_nothing_is_all_that_can_be_reached(machine: Any) -> None:
    reachable = sum(len(keys) for keys in list_reachable(machine).values())
    assert len(list_missing(machine, Coverage())) == reachable
    assert reachable <= sum(len(keys) for keys in list_all(machine).values())


def test_what_processes_have_counted_adds_up() -> None:
    total = covered()
    total.add(covered())
    assert set(total.rows.values()) == {4}
