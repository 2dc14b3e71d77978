"""What waits is found by its words in whatever case, and ordered, the same on SQLite and PostgreSQL."""

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.workflow.conftest import PEOPLE, Office
from workflow.views.queries import Views, Wanted, order_inbox
from workflow.views.statements import FALLING

LETTERS = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))
HARD = st.sampled_from("ŞşIıİiŁłØøßẞÄäÉéÇçΣσςǅ%_\\*?'\"")
WORDS = st.text(LETTERS | HARD, min_size=1, max_size=6).filter(str.strip)


@pytest.fixture(scope="module")
def offices(postgresql_server: Any) -> Iterator[list[Office]]:
    postgresql_server.psql("CREATE DATABASE search;")
    found = [Office("sqlite://"), Office(postgresql_server.get_uri().replace("/postgres?", "/search?"))]
    yield found
    for office in found:
        office.engine.close()


def find(office: Office, text: str) -> set[str]:
    rows = Views(office.engine).inbox(PEOPLE["schmidt"], 10_000, wanted=Wanted({"text": text}))
    return {row["title"] for row in rows}


def holds(title: str, text: str) -> bool:
    told = f"{title} mueller".casefold()
    return all(word in told for word in unicodedata.normalize("NFC", text).casefold().split())


@settings(max_examples=40)
@given(titles=st.lists(WORDS, min_size=1, max_size=3), cut=st.integers(0, 5), other=WORDS)
@example(["Şahin"], 0, "ŞAHIN")
@example(["ŁUKASZ ØSTER"], 0, "łukasz øster")
@example(["A\u0308nderung"], 0, "ÄNDERUNG")
@example(["Straße"], 0, "STRASSE")
@example(["100%"], 0, "100_")
def test_every_case_of_every_letter_finds_the_same(
    offices: list[Office], titles: list[str], cut: int, other: str
) -> None:
    title, sqlite = " ".join(titles), offices[0]
    for office in offices:
        office.do("mueller", "start", office.slip("co_sign schmidt", title=title))
    every = {row["title"] for row in Views(sqlite.engine).inbox(PEOPLE["schmidt"], 10_000)}
    for text in (title, title.upper(), title.lower(), title.swapcase(), title[cut:], other):
        wanted = {one for one in every if holds(one, text)}
        assert [find(office, text) for office in offices] == [wanted, wanted], text


@pytest.mark.parametrize("column", ["deadline", "since", "title", "sender", "protection"])
@pytest.mark.parametrize("falling", [False, True])
def test_what_is_alike_comes_by_urgency_and_pages_go_on_where_they_stopped(
    column: str, falling: bool, url: str
) -> None:
    office, views = Office(url), None
    for number, (title, deadline) in enumerate((("b", 20), ("a", 22), ("b", 21), ("a", None), ("c", 19))):
        station = {"kind": "co_sign", "actor": "secret"} | ({"deadline": f"2021-06-{deadline}"} if deadline else {})
        who, need = ("mueller", "normal") if number % 2 else ("secret", "high")
        slip = office.slip(station, "final_sign secret", title=title, who=who, protection=need)
        office.do(who, "start", slip)
    views, wanted = Views(office.engine), Wanted(order=column, falling=falling)
    order = [name.removeprefix(FALLING) for name in order_inbox(wanted)]
    every = views.inbox(PEOPLE["secret"], wanted=wanted)
    by_hand = sorted(every, key=lambda row: [row[name] for name in order[1:]])
    by_hand.sort(key=lambda row: row[column], reverse=falling)
    assert len(every) == 5
    assert every == by_hand
    found, after = list[dict[str, object]](), None
    while page := views.inbox(PEOPLE["secret"], 2, after, wanted):
        found += page
        after = tuple(page[-1][name] for name in order)
    assert found == every
    office.engine.close()
