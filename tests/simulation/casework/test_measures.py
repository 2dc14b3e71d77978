"""The figures of a replication, from slips and stations made up for it."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from simulation.casework.casework import _compare
from simulation.casework.measures import WHOLE, measure
from simulation.casework.people.trace import SlipNote, StationNote, Trace
from simulation.casework.scanning.place import Tally
from simulation.casework.workplace import Run
from simulation.mining.flow import Flow
from workflow.engine.store.hash_chain import Head

FLOW = Flow(3, Counter(["slip.created", "co_sign"]), Counter({("slip.created", "co_sign"): 3}),
            Counter({("slip.created", "co_sign", "co_sign"): 3}), {"slip.created": 0, "co_sign": 1})  # fmt: skip


def make_outcome() -> Any:
    """Two units, two months; one slip is completed in the month after it was sent, one not at all."""
    quick = SlipNote("letter", "a", 0.0, "2020-10", "2020-10", 2.0, 2.0, touch=3600.0, stations=2, by_deputy=1)
    slow = SlipNote("letter", "a", 0.0, "2020-10", "2020-11", 8.0, 8.0, touch=7200.0, refusals=1, reruns=1, stations=4)
    open_ = SlipNote("bill", "b", 0.0, "2020-11", under_way=20.0, stations=2, escalations=1)
    trace = Trace(slips=[quick, slow, open_])
    trace.records.update({("a", "2020-10"): 2, ("b", "2020-11"): 1})
    trace.cases.update({("a", "2020-10"): 3, ("b", "2020-11"): 2})
    trace.month_ends = [("2020-10", "a", 1, 0), ("2020-10", "b", 0, 0), ("2020-11", "a", 0, 0), ("2020-11", "b", 1, 1)]
    trace.stations = [StationNote("co_sign", "a", "a-01", 3600.0, 600.0, deputy) for deputy in (True, False)]
    units = [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
    kinds = [SimpleNamespace(id="letter"), SimpleNamespace(id="bill")]
    spec = SimpleNamespace(staff=SimpleNamespace(units=units), work=SimpleNamespace(kinds=kinds))
    person = SimpleNamespace(id="a-01", unit="a", approver=True, done=2, for_others=1, busy=1800.0, lain=7200.0)
    return SimpleNamespace(scenario=spec, trace=trace, people=[person], available={"a-01": 3600.0}, by_hour={9: 30},
                           working_days=10, head=Head(5, "ab"), commands=4, refused={}, flow=FLOW,
                           scanned=Tally())  # fmt: skip


def test_what_was_sent_and_what_was_completed_count_in_their_own_months() -> None:
    found = measure(make_outcome(), Run(1))
    rows = {(row["month"], row["unit"]): row for row in found.tables["units"]}
    assert [rows[month, "a"]["slips"] for month in ("2020-10", "2020-11", WHOLE)] == [2, 0, 2]
    assert [rows[month, "a"]["completed"] for month in ("2020-10", "2020-11", WHOLE)] == [1, 1, 2]
    assert [rows[month, WHOLE]["records"] for month in ("2020-10", "2020-11", WHOLE)] == [2, 1, 3]
    assert rows[WHOLE, "a"]["turnaround_p50"] == 5.0
    assert rows[WHOLE, "a"]["touch_hours"] == 1.5
    assert rows[WHOLE, "b"]["turnaround_p50"] is None
    assert [(rows[month, WHOLE]["open"], rows[month, WHOLE]["overdue"]) for month in ("2020-10", WHOLE)] == [
        (1, 0),
        (1, 1),
    ]
    assert found.totals["under_way_mean"] == 10.0
    assert found.totals["deputy_share"] == 1 / 8
    (person,) = found.tables["people"]
    assert (person["utilisation"], person["queue_hours"]) == (0.5, 1.0)
    assert found.tables["hours"][9] == {"hour": 9, "commands": 3.0}
    assert found.tables["stations"][0]["deputy_share"] == 0.5


def test_a_gain_is_the_mean_difference_in_pairs_with_its_t_interval() -> None:
    found = _compare([(10.0, 7.0), (12.0, 8.0), (11.0, 6.0), (None, 1.0)])
    assert found["gain"] == 4.0
    half = 2.92 * 1.0 / 3**0.5  # t of 2 degrees of freedom, standard deviation 1
    assert (found["gain_low"], found["gain_high"]) == (pytest.approx(4 - half), pytest.approx(4 + half))
    assert _compare([(3.0, 2.0)])["gain_low"] is None
    assert _compare([])["gain"] is None
