"""The work of a rollout: what each project and authority takes of teams, trainers, slots and staff councils.

All in days of one unit: of a team, a trainer, a slot, a procedure before the council.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.rollout.portfolio import Portfolio
from simulation.scenario.introduction import Rollout
from simulation.scenario.programme import Authority

A = TypeVar("A", NDArray[np.float64], list[float])


@dataclass(frozen=True)
class Work(Generic[A]):
    """Unit-days. `preparation`, `council`: shape (projects,); all others (authorities,). `training` is that of the
    classroom alone; where e-learning takes its share, it is multiplied by that of `e_learning_from` on.

    `trainers`, `slots`: how many an authority can use at once, shape (authorities,).
    """

    preparation: A
    council: A
    introduction: A
    training: A
    provisioning: A
    trainers: A
    slots: A
    classroom: float
    e_learning_from: float


def compute_work(
    rollout: Rollout, portfolio: Portfolio, calendar: Calendar, authorities: Sequence[Authority]
) -> Work[NDArray[np.float64]]:
    """The planned work of a portfolio, before any luck. `authorities`: in their order, for measures of readiness."""
    users = portfolio.seats[1].astype(float)
    projects = len(portfolio.windows)
    count = np.bincount(portfolio.project, minlength=projects)
    total = np.bincount(portfolio.project, users, minlength=projects) / 1000
    size = rollout.team_size.value
    prepare, introduce, council = rollout.preparation, rollout.introduction, rollout.staff_council
    first = np.zeros(len(users))
    first[[members[0] for members in portfolio.members if members]] = introduce.per_project.value
    training, slots = rollout.training, rollout.provisioning
    parts = np.clip(np.round(users / slots.users_per_slot.value), 1, max(1.0, slots.slots_per_authority.value))
    trainer_days = users / training.group_size.value * training.hours_per_user.value
    prepared, trained = _keep_shares(rollout, portfolio, calendar, authorities)
    return Work(
        preparation=np.where(
            count, np.bincount(portfolio.project, prepared, minlength=projects) / np.maximum(count, 1), 1.0
        ) * (
            prepare.per_project.value
            + prepare.per_authority.value * count
            + prepare.per_thousand_users.value * total
        ) / size,
        council=(
            council.days_per_project.value
            + council.days_per_authority.value * count
            + council.days_per_thousand_users.value * total
        ),
        introduction=(
            first + introduce.per_authority.value + introduce.per_thousand_users.value * users / 1000
        ) / size,
        training=trained * trainer_days / training.hours_per_trainer_day.value,
        provisioning=users / slots.users_per_slot_day.value + slots.setup_days.value * parts,
        trainers=np.full(len(users), float(training.trainers_per_authority.value)),
        slots=parts,
        classroom=1 - training.e_learning.value,
        e_learning_from=calendar.get_time(training.e_learning_from.value),
    )  # fmt: skip


def _keep_shares(
    rollout: Rollout, portfolio: Portfolio, calendar: Calendar, authorities: Sequence[Authority]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What measures of readiness leave of preparation and training, shape (authorities,) each; a project's preparation
    is that of its authorities on average.
    """
    left = np.ones((2, len(portfolio.project)))
    begins = portfolio.windows[portfolio.project, 0]
    for one in rollout.readiness:
        everyone = not (one.kinds or one.authorities)
        concerned = np.array([everyone or a.kind in one.kinds or a.id in one.authorities for a in authorities])
        hit = concerned & (begins >= calendar.get_time(one.start.value))
        left[:, hit] *= 1 - np.array([[one.preparation.value], [one.training.value]])
    return left[0], left[1]


def list_work(work: Work[NDArray[np.float64]]) -> Work[list[float]]:
    """As lists, whose numbers are read one by one in a fifth of the time."""
    return Work(
        work.preparation.tolist(), work.council.tolist(), work.introduction.tolist(), work.training.tolist(),
        work.provisioning.tolist(), work.trainers.tolist(), work.slots.tolist(), work.classroom, work.e_learning_from,
    )  # fmt: skip
