"""Receivers and dead letters: claimed by one, kept over a restart, on every database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from workflow.engine.store.deliveries import DeadLetter, Deliveries, Receiver
from workflow.engine.store.log import Log

AT, LATER = "2021-06-01T06:00:00.000000Z", "2021-06-01T06:01:00.000000Z"
ONE = Receiver("one", 4, AT)


@pytest.fixture
def deliveries(url: str) -> Iterator[Deliveries]:
    log = Log(url)
    yield log.deliveries
    log.close()


def test_a_receiver_is_entered_once_and_removed_with_its_dead_letters(deliveries: Deliveries) -> None:
    deliveries.enter(ONE)
    deliveries.enter(ONE._replace(position=9))
    two = Receiver("two", 0, AT)
    deliveries.enter(two)
    assert deliveries.list_receivers(["one", "two"]) == [ONE, two]
    assert deliveries.list_receivers(["one", "none"]) == [ONE]
    assert deliveries.list_receivers([]) == []
    assert deliveries.put(ONE, ONE._replace(position=5, at=LATER), DeadLetter("one", 5, 3, AT, "answered 500"))
    deliveries.remove("one")
    assert deliveries.list_receivers(["one", "two"]) == [two]
    assert deliveries.list_dead("one") == []


def test_of_many_who_claim_a_receiver_one_has_it(deliveries: Deliveries) -> None:
    deliveries.enter(ONE)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: deliveries.put(ONE, ONE._replace(at=f"{LATER}{n}")), range(8)))
    assert sum(won) == 1


def test_a_dead_letter_goes_only_with_the_claim(deliveries: Deliveries) -> None:
    deliveries.enter(ONE)
    letter = DeadLetter("one", 5, 3, AT, "answered 500")
    assert not deliveries.put(ONE._replace(at=LATER), ONE._replace(position=5), letter)
    assert deliveries.list_dead("one") == []
    assert deliveries.put(ONE, ONE._replace(position=5, at=LATER), letter)
    assert deliveries.list_dead("one") == [letter]
    assert deliveries.list_receivers(["one"]) == [Receiver("one", 5, LATER)]


def test_dead_letters_are_asked_for_again_and_dropped(deliveries: Deliveries) -> None:
    letters = [DeadLetter("one", position, 3, AT, "answered 500") for position in (5, 7, 9)]
    mine = ONE
    deliveries.enter(mine)
    for number, letter in enumerate(letters):
        after = mine._replace(position=letter.position, at=f"{LATER}{number}")
        assert deliveries.put(mine, after, letter)
        mine = after
    assert deliveries.list_dead("one", 5, 1) == [letters[1]]
    assert deliveries.count_dead(["one", "two"]) == {"one": 3}
    assert deliveries.count_dead(["two"]) == {}
    assert deliveries.ask_again("one", [7, 8]) == 1
    assert deliveries.list_dead("one", again=True) == [letters[1]._replace(again=True)]
    assert deliveries.count_dead(["one"], again=True) == {"one": 1}
    deliveries.keep_dead(letters[1]._replace(attempts=4, why="answered 503"))
    assert deliveries.count_dead(["one"], again=True) == {}
    assert deliveries.ask_again("one") == 3
    deliveries.drop_dead(letters[0])
    assert [one.position for one in deliveries.list_dead("one")] == [7, 9]
    assert deliveries.ask_again("two") == 0


def test_due_is_whose_time_has_come_and_who_has_something_to_get(deliveries: Deliveries) -> None:
    behind, ahead = ONE, Receiver("two", 7, AT)
    for one in (behind, ahead, Receiver("later", 4, LATER)):
        deliveries.enter(one)
    assert deliveries.list_due(AT, 7) == [behind]
    assert deliveries.list_due(AT, 4) == []
    assert deliveries.put(ahead, ahead._replace(refusals=2), DeadLetter("two", 7, 3, AT, "answered 500"))
    assert deliveries.list_due(AT, 7) == [behind]
    deliveries.ask_again("two")
    assert deliveries.list_due(AT, 7) == [behind, ahead._replace(refusals=2)]
    assert [one.name for one in deliveries.list_due(LATER, 7)] == ["later", "one", "two"]
