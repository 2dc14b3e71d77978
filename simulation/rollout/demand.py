"""What users ask for: records, routing slips, training seats, storage, and the paper share of incoming mail.

Rates per person come from the model ministry (F135, F136); see the scenario for their basis.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.rollout.conditions import NO_EVENTS, Demand
from simulation.scenario.fields import AuthorityKind
from simulation.scenario.model import RolloutScenario, Work
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import Mail

DAYS_PER_MONTH = 365.2425 / 12


class MonthWork(NamedTuple):
    """Work per month of the horizon, shape (months,) each.

    `digital_items`: what comes by digital channels and events to users of the E-Laufmappe in place of paper, or on top
    of it; `web_client_slips`: slips sent remotely; `storage_gb`: what is added in the month, in GB.
    """

    records_created: NDArray[np.float64]
    routing_slips_sent: NDArray[np.float64]
    training_seats: NDArray[np.float64]
    digital_items: NDArray[np.float64]
    web_client_slips: NDArray[np.float64]
    storage_gb: NDArray[np.float64]


def compute_month_work(
    scenario: Scenario,
    calendar: Calendar,
    go_live_days: NDArray[np.float64],
    users: NDArray[np.float64],
    pages_scanned: NDArray[np.float64],
    trained: NDArray[np.float64],
    events: Demand = NO_EVENTS,
) -> MonthWork:
    """The work that users cause.

    `go_live_days`: shape (authorities,), `inf` for never; `users`: shape (2, authorities, months) in the middle of the
    months; `pages_scanned`, `trained` (people): shape (months,). Before the go-live of their authority users try only.
    """
    spec, starts = scenario.spec, np.array(calendar.month_starts)
    work = spec.work
    working = calendar.working_days_before[starts[1:]] - calendar.working_days_before[starts[:-1]]
    middles = (starts[:-1] + starts[1:]) / 2
    share = np.where(middles[None, :] + 1 > go_live_days[:, None], 1.0, work.trial.value)
    records = (users[0] * share).sum(axis=0) * work.records_per_user_day.value * working
    rate = compute_slip_rate(spec, go_live_days, middles) * _average_slips(scenario, calendar, events)
    slips = (users[1] * share * rate).sum(axis=0) * working
    megabytes = (
        records * work.megabytes_per_record.value
        + slips * work.megabytes_per_slip.value
        + pages_scanned * work.megabytes_per_scanned_page.value
    )
    seats = trained * spec.rollout.training.registrations_per_user.value
    digital = _count_digital_items(scenario, calendar, users[1] * share, events)
    return MonthWork(
        records, slips, seats, digital, slips * compute_web_share(work, users[1].sum(axis=0)), megabytes / 1000
    )


def compute_web_share(work: Work, users: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the users who work remotely at a time, and so by the web client: that of all who can, and never more
    people than can at once. 0 where the scenario says nothing of it.
    """
    if work.telework is None:
        return np.zeros_like(users)
    share: NDArray[np.float64] = work.telework.at_once.value / np.maximum(work.telework.able.value, users)
    return np.minimum(share, 1.0)


def _average_slips(scenario: Scenario, calendar: Calendar, events: Demand) -> NDArray[np.float64]:
    """The factor of events on the routing slips of each authority and month, shape (authorities, months) or (1, 1)."""
    if not events.slips:
        return np.ones((1, 1))
    factors = {kind: _average_by_month(daily, calendar) for kind, daily in events.slips.items()}
    one = np.ones(len(calendar.month_starts) - 1)
    return np.stack([factors.get(authority.kind, one) for authority in scenario.authorities])


def _count_digital_items(
    scenario: Scenario, calendar: Calendar, users: NDArray[np.float64], events: Demand
) -> NDArray[np.float64]:
    """Per month; `users`: shape (authorities, months)."""
    on_paper = compute_share_before_channels(scenario.spec.mail, calendar)
    kinds = np.array([authority.kind for authority in scenario.authorities])
    total = np.zeros(users.shape[1])
    for kind in dict.fromkeys(authority.kind for authority in scenario.authorities):
        rate = compute_digital_rate(scenario, calendar, kind, events, on_paper)
        total += users[kinds == kind].sum(axis=0) * rate
    return total


def compute_digital_rate(
    scenario: Scenario, calendar: Calendar, kind: AuthorityKind, events: Demand, on_paper: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Digital items per user in each month, for a kind of authority: what channels and events take off the paper, and
    what events bring on top. Mail that was digital before any channel opened is not in it.

    `on_paper`: of `compute_share_before_channels`, the same for all kinds.
    """
    mail = scenario.spec.mail
    concerned = kind in events.replaced or kind in events.digital or mail.list_channels(kind)
    if kind not in mail.items_per_user_day or not concerned:
        return np.zeros(len(calendar.month_starts) - 1)
    none, before = np.zeros(calendar.days), np.minimum(on_paper, 1.0)
    left = _open_channels(mail, kind, calendar, on_paper) * (1 - events.replaced.get(kind, none))
    daily = mail.items_per_user_day[kind].value * events.mail.get(kind, none + 1) * (before - left)
    daily = (daily + events.digital.get(kind, none)) * calendar.is_working
    starts = np.array(calendar.month_starts)
    found: NDArray[np.float64] = np.add.reduceat(daily, starts[:-1])
    return found


def _average_by_month(daily: NDArray[np.float64], calendar: Calendar) -> NDArray[np.float64]:
    starts = np.array(calendar.month_starts)
    found: NDArray[np.float64] = np.add.reduceat(daily, starts[:-1]) / np.diff(starts)
    return found


def compute_slip_rate(
    spec: RolloutScenario, go_live_days: NDArray[np.float64], at_days: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Routing slips per user and working day, shape (authorities, at_days): rises evenly from go-live to maturity."""
    work = spec.work
    months = (at_days[None, :] - go_live_days[:, None]) / DAYS_PER_MONTH
    ripe = np.clip(months / work.maturing_months.value, 0, 1)
    rate: NDArray[np.float64] = work.slips_per_user_day.value + ripe * (
        work.slips_per_user_day_mature.value - work.slips_per_user_day.value
    )
    return rate


def compute_paper_share(mail: Mail, kind: AuthorityKind, calendar: Calendar) -> NDArray[np.float64]:
    """Share of mail on paper per day of the horizon: falls year by year, and more where a digital channel opens."""
    return _open_channels(mail, kind, calendar, compute_share_before_channels(mail, calendar))


def compute_share_before_channels(mail: Mail, calendar: Calendar) -> NDArray[np.float64]:
    """What would be on paper per day of the horizon were no digital channel opened, for every kind; above 1 where the
    share falls from a year that lies ahead.
    """
    years = (np.arange(calendar.days) - (date(mail.paper_share_year, 7, 1) - calendar.start).days) / 365.2425
    share: NDArray[np.float64] = mail.paper_share.value * (1 - mail.paper_decline_per_year.value) ** years
    return share


def _open_channels(
    mail: Mail, kind: AuthorityKind, calendar: Calendar, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The share on paper with what digital channels take off, at most 1."""
    days = np.arange(calendar.days)
    for channel in mail.list_channels(kind):
        open_days = days - (channel.opens.value - calendar.start).days
        taken = np.clip(open_days / (channel.ramp_months.value * DAYS_PER_MONTH), 0, 1)
        if channel.closes:
            taken = np.where(days > (channel.closes.value - calendar.start).days, 0.0, taken)
        share = share * (1 - channel.replaces.value * taken)
    return np.minimum(share, 1.0)


def compute_mail_rate(scenario: Scenario, calendar: Calendar, kind: AuthorityKind) -> NDArray[np.float64]:
    """Expected paper items per user and day of the horizon for a kind of authority; 0 on days off."""
    mail = scenario.spec.mail
    weekday = np.array([w.value for w in mail.weekdays] + [0.0, 0.0])
    weekday = weekday * 5 / weekday.sum()
    rate: NDArray[np.float64] = (
        mail.items_per_user_day[kind].value
        * weekday[calendar.weekdays]
        * calendar.is_working
        * compute_paper_share(mail, kind, calendar)
    )
    return rate
