"""What the runs tell of the mixes that are cheaper than the one found: not enough, not told apart, or never asked.

Few runs that miss the wanted share do not show that a mix misses it: only an interval that lies below the wanted share
does. What it shows of a mix holds for every mix with no more of anything.
"""

from collections.abc import Mapping
from typing import NamedTuple

from simulation.forecast.forecast import MOST_REPLICATIONS
from simulation.forecast.key_figures import wilson_interval
from simulation.questions.mixes.cheapest_mix import Best, Mix, Space, is_within


class Evaluated(NamedTuple):
    """Runs of a mix that hold the deadline, of how many that were looked at."""

    held: int
    runs: int

    @property
    def probability(self) -> float:
        return self.held / self.runs

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.held, self.runs)

    def is_enough(self, wanted: float) -> bool:
        return self.probability >= wanted - 1e-9

    def is_told(self, wanted: float) -> bool:
        """Whether so many runs tell it from the wanted probability."""
        low, high = self.interval
        return not low <= wanted <= high


class Cheaper(NamedTuple):
    """How many cheaper mixes are known not to be enough, have too few runs to be told apart, and were not decided; -1
    for each where there are too many to be counted. `close`: those that were tried and are not told apart, the surest
    first.
    """

    refuted: int
    close_count: int
    undecided: int
    close: tuple[Mix, ...]

    @property
    def all_refuted(self) -> bool:
        return self.close_count == self.undecided == 0


def judge_cheaper(best: Best, space: Space, evaluated: Mapping[Mix, Evaluated], wanted: float) -> Cheaper:
    """`best`: with its mix; `evaluated`: every mix that was tried."""
    assert best.mix is not None  # noqa: S101  # asked only where there is one
    price = space.get_price(best.mix)
    refuted = {mix: False for mix, one in evaluated.items() if one.probability < wanted and one.is_told(wanted)}
    close = [
        mix for mix in evaluated
        if space.get_price(mix) < price - 1e-9 and not any(is_within(mix, other) for other in refuted)
    ]  # fmt: skip
    surest = tuple(sorted(close, key=lambda mix: (-evaluated[mix].probability, mix)))
    if space.mixes is None:
        return Cheaper(-1, -1, -1, surest)
    open_count = int(space.find_undecided(refuted, best.mix).sum())
    all_count = int(space.find_undecided({}, best.mix).sum())
    return Cheaper(all_count - open_count, open_count - best.undecided, best.undecided, surest)


def count_telling_runs(one: Evaluated, wanted: float) -> int | None:
    """About how many runs would tell it from the wanted probability if its share stayed; None for more than a question
    makes.
    """
    runs = one.runs
    while runs <= MOST_REPLICATIONS:
        if Evaluated(round(one.probability * runs), runs).is_told(wanted):
            return runs
        runs = runs * 5 // 4 + 1
    return None
