"""A trouble that lasts is told, but not with every attempt."""

import logging

import pytest

from api.server.observability import trouble
from api.server.observability.trouble import EVERY, Trouble


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(trouble.time, "monotonic", lambda: now[0])
    return now


def test_a_trouble_is_told_once_a_minute_when_it_changes_and_when_it_is_over(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    one = Trouble(logging.getLogger("eva.test"))
    for _ in range(600):
        clock[0] += 0.1
        one.tell("the database is away")
    one.tell("the disk is full")
    clock[0] += EVERY
    one.tell("the disk is full")
    one.end()
    one.end()
    told = [(record.message, vars(record).get("why"), vars(record).get("unsaid")) for record in caplog.records]
    away, full = "the database is away", "the disk is full"
    assert told == [
        ("not now", away, 0), ("not now", full, 599), ("not now", full, 0), ("goes on", None, None),
    ]  # fmt: skip


def test_the_same_trouble_later_is_a_new_one(caplog: pytest.LogCaptureFixture) -> None:
    one = Trouble(logging.getLogger("eva.test"))
    for _ in range(2):
        one.tell("the database is away")
        one.end()
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["not now"] * 2
