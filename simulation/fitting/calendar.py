"""The calendar that an event log shows: its working days, and the hours at which people do something."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from simulation.scenario.casework import Hours
from workflow.engine.fields import BERLIN
from workflow.organisation.working_days import is_working

OUTSIDE = 0.005
"""Share of what happens that may lie before and after hours."""
QUARTER = 15
WHOLE_DAY = 24 * 60


def list_working_days(moments: Sequence[float]) -> list[date]:
    """Working days from the first to the last moment; at least one."""
    first, last = (datetime.fromtimestamp(at, BERLIN).date() for at in (min(moments), max(moments)))
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return [day for day in days if is_working(day)] or [first]


def find_hours(moments: Sequence[float], base: Hours) -> Hours:
    """The hours of the base where nearly everything lies in them, else quarters of hours around nearly all."""
    minutes = [_get_minute(at) for at in moments]
    opens, closes = (_parse(clock) for clock in (base.opens, base.closes))
    if np.mean([opens <= one <= closes for one in minutes]) >= 1 - 2 * OUTSIDE:
        return base
    low, high = np.quantile(minutes, [OUTSIDE, 1 - OUTSIDE])
    opens = int(low // QUARTER) * QUARTER
    closes = min(max(int(-(-high // QUARTER)) * QUARTER, opens + QUARTER), WHOLE_DAY - 1)
    middle = (opens + closes) // 2
    return Hours(
        opens=_show(opens), break_starts=_show(middle), break_ends=_show(middle), closes=_show(closes),
        basis="fitted", source=f"99 % of {len(moments)} events; no break is seen",
    )  # fmt: skip


def _get_minute(at: float) -> float:
    local = datetime.fromtimestamp(at, BERLIN)
    return local.hour * 60 + local.minute + local.second / 60


def _parse(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _show(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
