"""The cheapest mix of steps that is enough: proposed by an optimiser, and proved by what more of everything implies.

Optuna's sampler proposes mixes (Bergstra et al. 2011). A mix below one that is not enough is not enough,
one above a mix that is enough is enough: neither is evaluated. When no cheaper mix is left undecided, the one found is
the cheapest.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mix = tuple[int, ...]
MOST_MIXES = 300_000
"""Beyond so many mixes only the optimiser searches, and nothing is proved."""


class Best(NamedTuple):
    """`mix`: the cheapest that is enough, None where not even the most of everything is; `proved`: whether every
    cheaper mix is known not to be enough; `undecided`: how many cheaper ones are not; `tried`: in their order.
    """

    mix: Mix | None
    proved: bool
    undecided: int
    tried: tuple[Mix, ...]


def find_cheapest(
    is_enough: Callable[[Mix], bool],
    most: Mix,
    costs: Sequence[float],
    *,
    budget: int = 200,
    proposals: int = 12,
    seed: int = 0,
) -> Best:
    """`most`: steps of each lever; `costs`: of one step. `budget`: mixes that are evaluated at most."""
    space = Space(most, np.array(costs, dtype=float))
    search = _Search(is_enough, space, budget)
    if not search.ask(most):
        return Best(None, True, 0, tuple(search.tried))
    search.ask((0,) * len(most))
    search.descend(most)
    _propose(search, proposals, seed)
    if space.mixes is not None:
        search.settle()
    best = search.best
    assert best is not None  # noqa: S101  # the most of everything is enough
    undecided = int(space.find_undecided(search.known, best).sum()) if space.mixes is not None else -1
    return Best(best, undecided == 0, undecided, tuple(search.tried))


def is_within(mix: Mix, other: Mix) -> bool:
    """Whether a mix has no more of anything than the other."""
    return all(a <= b for a, b in zip(mix, other, strict=True))


class Space:
    """All mixes with their costs, where they are few enough."""

    def __init__(self, most: Mix, costs: NDArray[np.float64]) -> None:
        self.most, self.costs = most, costs
        size = float(np.prod([count + 1.0 for count in most]))
        few = size <= MOST_MIXES
        self.mixes = np.array(list(product(*(range(count + 1) for count in most)))) if few else None
        self.prices = self.mixes @ costs if self.mixes is not None else np.empty(0)

    def get_price(self, mix: Mix) -> float:
        return float(np.dot(mix, self.costs))

    def find_undecided(self, known: dict[Mix, bool], best: Mix) -> NDArray[np.bool_]:
        """Which mixes are cheaper than the best and below none that is not enough."""
        assert self.mixes is not None  # noqa: S101  # asked only where there are few
        left: NDArray[np.bool_] = self.prices < self.get_price(best) - 1e-9
        for mix, enough in known.items():
            if not enough:
                left &= (self.mixes > np.array(mix)).any(axis=1)
        return left


class _Search:
    def __init__(self, is_enough: Callable[[Mix], bool], space: Space, budget: int) -> None:
        self._is_enough, self.space, self._budget = is_enough, space, budget
        self.known: dict[Mix, bool] = {}
        self.tried: list[Mix] = []
        self.best: Mix | None = None

    @property
    def is_spent(self) -> bool:
        return len(self.tried) >= self._budget

    def conclude(self, mix: Mix) -> bool | None:
        """What is known of a mix without evaluating it; None for nothing."""
        for other, enough in self.known.items():
            if enough and is_within(other, mix):
                return True
            if not enough and is_within(mix, other):
                return False
        return None

    def ask(self, mix: Mix) -> bool:
        known = self.conclude(mix)
        if known is None:
            known = self.known[mix] = self._is_enough(mix)
            self.tried.append(mix)
        if known and (self.best is None or self.space.get_price(mix) < self.space.get_price(self.best) - 1e-9):
            self.best = mix
        return known

    def descend(self, mix: Mix) -> None:
        """From a mix that is enough take as many steps of each lever away as can be, the dearest first."""
        for lever in sorted(range(len(mix)), key=lambda n: -self.space.costs[n]):
            low, high = -1, mix[lever]
            while high - low > 1 and not self.is_spent:
                middle = (low + high) // 2
                enough = self.ask(tuple(middle if n == lever else count for n, count in enumerate(mix)))
                low, high = (low, middle) if enough else (middle, high)
            mix = tuple(high if n == lever else count for n, count in enumerate(mix))

    def settle(self) -> None:
        """Ask the mix whose answer no would decide most of the cheaper ones, until none is left."""
        assert self.best is not None  # noqa: S101  # the most of everything is enough
        assert self.space.mixes is not None  # noqa: S101
        while not self.is_spent:
            left = self.space.mixes[self.space.find_undecided(self.known, self.best)]
            if not len(left):
                return
            dear = left[np.argsort(-(left @ (self.space.costs + 1e-9)), kind="stable")[:64]]
            covers = [(left <= mix).all(axis=1).sum() for mix in dear]
            mix = tuple(int(count) for count in dear[int(np.argmax(covers))])
            if self.ask(mix):
                self.descend(mix)


def _propose(search: _Search, proposals: int, seed: int) -> None:
    """Let the optimiser propose mixes; what is known of one costs nothing."""
    import optuna  # noqa: PLC0415  # takes a while to load

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=4))
    worst = search.space.get_price(search.space.most)
    for _ in range(5 * proposals):
        if search.is_spent or len(search.tried) >= proposals + 12:
            return
        trial = study.ask()
        mix = tuple(trial.suggest_int(f"lever {n}", 0, most) for n, most in enumerate(search.space.most))
        price = search.space.get_price(mix)
        cheaper = search.best is None or price < search.space.get_price(search.best)
        enough = search.ask(mix) if cheaper else True
        study.tell(trial, price if enough else 2 * worst - price)
