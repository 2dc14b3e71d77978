"""What users ask for: records, routing slips, training seats, storage, and the paper share of incoming mail.

Rates per person come from the model ministry (F135, F136); see the scenario for their basis.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.scenario.fields import AuthorityKind
from simulation.scenario.model import Mail, RolloutScenario
from simulation.scenario.programme import Scenario

DAYS_PER_MONTH = 365.2425 / 12


class MonthWork(NamedTuple):
    """Work per month of the horizon, shape (months,) each; `storage_gb`: what is added in the month, in GB."""

    records_created: NDArray[np.float64]
    routing_slips_sent: NDArray[np.float64]
    training_seats: NDArray[np.float64]
    storage_gb: NDArray[np.float64]


def compute_month_work(
    scenario: Scenario,
    calendar: Calendar,
    go_live_days: NDArray[np.float64],
    users: NDArray[np.float64],
    pages_scanned: NDArray[np.float64],
) -> MonthWork:
    """The work that users cause.

    `go_live_days`: shape (authorities,), `inf` for never; `users`: shape (2, authorities, months) in the middle of the
    months; `pages_scanned`: shape (months,).
    """
    spec, starts = scenario.spec, np.array(calendar.month_starts)
    work = spec.work
    working = calendar.working_days_before[starts[1:]] - calendar.working_days_before[starts[:-1]]
    records = users[0].sum(axis=0) * work.records_per_user_day.value * working
    slips = (users[1] * compute_slip_rate(spec, go_live_days, (starts[:-1] + starts[1:]) / 2)).sum(axis=0) * working
    megabytes = (
        records * work.megabytes_per_record.value
        + slips * work.megabytes_per_slip.value
        + pages_scanned * work.megabytes_per_scanned_page.value
    )
    return MonthWork(records, slips, compute_training_seats(scenario, calendar, go_live_days), megabytes / 1000)


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


def compute_training_seats(
    scenario: Scenario, calendar: Calendar, go_live_days: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Registrations for training in the month of go-live and the lead before it, shape (months,), spread evenly."""
    seats = scenario.spec.rollout.training.registrations_per_user.value * np.array(
        [a.users_e_laufmappe for a in scenario.authorities]
    )
    lead = scenario.spec.rollout.lead_days.value * len(calendar.is_working) / len(calendar.working_days)
    edges = np.array(calendar.month_starts, dtype=float)
    covered = np.clip((edges[None, :] - (go_live_days[:, None] - lead)) / lead, 0, 1)
    share: NDArray[np.float64] = np.where(np.isfinite(go_live_days)[:, None], np.diff(covered, axis=1), 0)
    return seats @ share


def compute_paper_share(mail: Mail, kind: AuthorityKind, calendar: Calendar) -> NDArray[np.float64]:
    """Share of mail on paper per day of the horizon: falls year by year, and more where a digital channel opens."""
    days = np.arange(calendar.days)
    years = (days - (date(mail.paper_share_year, 7, 1) - calendar.start).days) / 365.2425
    share: NDArray[np.float64] = mail.paper_share.value * (1 - mail.paper_decline_per_year.value) ** years
    for channel in mail.channels:
        if kind in channel.kinds:
            open_days = days - (channel.opens.value - calendar.start).days
            taken = np.clip(open_days / (channel.ramp_months.value * DAYS_PER_MONTH), 0, 1)
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
