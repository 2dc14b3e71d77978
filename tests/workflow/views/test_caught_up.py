"""Several questions of one request: the views catch up once, and so answer them all as of one moment."""

import threading

import pytest

from tests.patience import PATIENT
from tests.workflow.conftest import PEOPLE, Office
from workflow.views.queries import Views


def count(views: Views) -> int:
    return sum(views.counts(PEOPLE["mueller"]).values())


def test_what_comes_meanwhile_is_for_the_next_request(office: Office) -> None:
    views = Views(office.engine)
    office.slip("co_sign schmidt")
    with views.caught_up():
        assert count(views) == 1, "what there is when it begins is seen"
        office.slip("co_sign schmidt")
        with views.caught_up():
            assert count(views) == 1, "nor by a part of the request that does the same"
        assert count(views) == 1
    assert count(views) == 2


def test_another_thread_catches_up_by_itself(office: Office) -> None:
    views, seen = Views(office.engine), list[int]()
    with views.caught_up():
        office.slip("co_sign schmidt")
        other = threading.Thread(target=lambda: seen.append(count(views)))
        other.start()
        other.join(PATIENT)
    assert seen == [1]


def test_after_a_fault_everything_is_asked_anew(office: Office) -> None:
    views = Views(office.engine)
    with pytest.raises(ValueError, match="fault"), views.caught_up():
        raise ValueError("fault")
    office.slip("co_sign schmidt")
    assert count(views) == 1
