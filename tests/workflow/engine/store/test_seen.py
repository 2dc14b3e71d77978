"""Up to when somebody has seen what is new: of each by themselves, for each way, and never back."""

from collections.abc import Iterator

import pytest

from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine
from workflow.engine.store.persons.seen import Seen, Way

EARLY, LATE = "2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z"


@pytest.fixture
def seen() -> Iterator[Seen]:
    engine = Engine("sqlite://", WORKFLOW)
    yield engine.seen
    engine.close()


def test_each_has_seen_what_they_have(seen: Seen) -> None:
    seen.keep("weber", Way.PAGES, LATE)
    assert seen.read("weber", Way.PAGES) == LATE
    assert seen.read("weber", Way.E_MAIL) == ""
    assert seen.read("klein", Way.PAGES) == ""


def test_what_was_seen_is_not_new_again(seen: Seen) -> None:
    for until in (EARLY, LATE, EARLY):
        seen.keep("weber", Way.E_MAIL, until)
    assert seen.read("weber", Way.E_MAIL) == LATE
