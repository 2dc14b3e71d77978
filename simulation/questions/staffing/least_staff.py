"""The least staff that is enough, by few evaluations: more staff is never worse, so most mixes need not be tried.

A mix that a few runs refute is no candidate, whatever the others would say. For each station that gives the least
number with which the goal is not refuted while the other stations have plenty; no mix below it can be enough. From
there on a mix that is enough is made smaller until none that is smaller by one is enough.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

Staff = tuple[int, ...]
"""How many work at each station; in a scan centre at preparation, scanners and at checking."""
MOST_TRIED = 300
"""Mixes that are evaluated before the search settles for one that is enough and may not be the least."""


class Requirement(Protocol):
    """What is asked of a staff. What is refuted is not enough; both are monotone but for chance."""

    def is_refuted(self, staff: Staff) -> bool:
        """Whether a few runs show that it is not enough."""

    def is_enough(self, staff: Staff) -> bool:
        """By as many runs as that takes."""

    def measure(self, staff: Staff) -> bool:
        """The same, by all runs."""


class Found(NamedTuple):
    """`staff`: the least that is enough, None where nothing within the limits is; `is_least`: whether every smaller
    mix is known not to be enough, or only one fewer at each station; `tried`: how many mixes were evaluated.
    """

    staff: Staff | None
    is_least: bool
    tried: int


def find_least(requirement: Requirement, guess: Staff, most: Staff) -> Found:
    """The mix of the smallest sum that is enough, the first in the order of the tuple among equals.

    `guess`: about what the stations need; where it is wrong it costs evaluations, and changes nothing. One fewer at
    each station of the mix found, where that leaves one, is measured by all runs: it is the proof.
    """
    search = _Search(requirement, most)
    least = tuple(search.find_least_at(station, guess[station], raising=False) for station in range(len(most)))
    found, is_least = least, True
    if not search.is_enough(least):
        if search.is_refuted(most):
            return Found(None, True, search.tried)
        least = tuple(search.find_least_at(station, least[station], raising=True) for station in range(len(most)))
        enough = search.find_enough(least)
        if enough is None:
            return Found(None, True, search.tried)
        found, is_least = search.find_smallest(least, enough)
    proved = search.prove(found)
    return Found(proved, is_least and proved == found, search.tried)


class _Search:
    def __init__(self, requirement: Requirement, most: Staff) -> None:
        self._requirement, self._most = requirement, most
        self._enough, self._refuted, self._possible = dict[Staff, bool](), set[Staff](), set[Staff]()

    @property
    def tried(self) -> int:
        return len(self._enough.keys() | self._refuted | self._possible)

    def _conclude(self, staff: Staff) -> bool | None:
        """Whether it is enough, as far as other mixes say it."""
        if any(enough and _is_within(mix, staff) for mix, enough in self._enough.items()):
            return True
        wrong = [*self._refuted, *(mix for mix, enough in self._enough.items() if not enough)]
        return False if any(_is_within(staff, mix) for mix in wrong) else None

    def is_refuted(self, staff: Staff) -> bool:
        known = self._conclude(staff)
        if known is None and staff not in self._possible:
            (self._refuted if self._requirement.is_refuted(staff) else self._possible).add(staff)
        return staff in self._refuted if known is None else not known

    def is_enough(self, staff: Staff) -> bool:
        if self.is_refuted(staff):
            return False
        known = self._conclude(staff)
        if known is None:
            known = self._enough[staff] = self._requirement.is_enough(staff)
        return known

    def find_least_at(self, station: int, guess: int, *, raising: bool) -> int:
        """The least number at a station that is not refuted when the others have plenty: from the guess down, and where
        `raising` also up, in steps that double, then by halving.
        """

        def is_refuted(count: int) -> bool:
            return count < 1 or self.is_refuted(_replace(self._most, station, count))

        high, step = min(max(guess, 1), self._most[station]), 1
        while raising and high < self._most[station] and is_refuted(high):
            high, step = min(high + step, self._most[station]), 2 * step
        low, step = max(high - step, 0), 1
        while not is_refuted(low):
            high, low, step = low, max(low - step, 0), 2 * step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if is_refuted(middle) else (low, middle)
        return high

    def find_enough(self, least: Staff) -> Staff | None:
        """A mix that is enough, with as many more at every station; None where not even the most is."""
        low, high = 0, 1
        while not self.is_enough(self._add(least, high)):
            if self._add(least, high) == self._most:
                return None
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.is_enough(self._add(least, middle)) else (middle, high)
        return self._add(least, high)

    def find_smallest(self, least: Staff, enough: Staff) -> tuple[Staff, bool]:
        """From a mix that is enough down to the smallest, and whether it is: no mix of its size that comes before it is
        enough, and none that is smaller by one, so that none below them is.
        """
        best = self._take_away(enough, least)
        while True:
            first = self._find_at_size(least, sum(best))
            smaller = self._find_at_size(least, sum(best) - 1)
            if self.tried > MOST_TRIED:
                return smaller or first or best, False
            if smaller is None:
                return first or best, True
            best = self._take_away(smaller, least)

    def _find_at_size(self, least: Staff, size: int) -> Staff | None:
        """The first mix of a size that is enough, unless too many have been evaluated."""
        for staff in _list_mixes(least, self._most, size):
            if self.is_enough(staff):
                return staff
            if self.tried > MOST_TRIED:
                break
        return None

    def _take_away(self, staff: Staff, least: Staff) -> Staff:
        """With as few at each station in turn as are enough."""
        for station in range(len(staff)):
            low, high = least[station] - 1, staff[station]
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if self.is_enough(_replace(staff, station, middle)) else (middle, high)
            staff = _replace(staff, station, high)
        return staff

    def _add(self, least: Staff, more: int) -> Staff:
        return tuple(min(count + more, limit) for count, limit in zip(least, self._most, strict=True))

    def prove(self, staff: Staff) -> Staff:
        """The mix after it was measured that one fewer at any station is not enough; a smaller one where that is."""
        for station in range(len(staff)):
            fewer = _replace(staff, station, staff[station] - 1)
            if fewer[station] >= 1 and self._requirement.measure(fewer):
                return self.prove(fewer)
        self._requirement.measure(staff)
        return staff


def _list_mixes(least: Staff, most: Staff, size: int) -> Iterator[Staff]:
    """The mixes of a size between two others, in their order."""
    if len(least) == 1:
        if least[0] <= size <= most[0]:
            yield (size,)
        return
    for count in range(least[0], most[0] + 1):
        for others in _list_mixes(least[1:], most[1:], size - count):
            yield (count, *others)


def _replace(staff: Staff, station: int, count: int) -> Staff:
    return tuple(count if n == station else other for n, other in enumerate(staff))


def _is_within(staff: Staff, other: Staff) -> bool:
    return all(a <= b for a, b in zip(staff, other, strict=True))
