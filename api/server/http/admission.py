"""How many requests are under way: in all, and of each token; whoever has too many waits outside."""

from typing import Literal

ALWAYS = ("/health/", "/metrics")
"""Whoever watches the server is let in when nobody else is."""
SHARE = 4
"""One caller has at most the fourth part of what there is for all, and two in any case."""
SECRET = 43
"""Characters at the end of a bearer token that are its secret; they tell callers apart before anybody is known."""


class Admission:
    def __init__(self, most: int) -> None:
        self.most = most
        self.share = max(2, most // SHARE)
        self.active = 0
        self._of: dict[bytes, int] = {}

    @property
    def full(self) -> bool:
        """Whether an ordinary request in the place of the one that asks would be refused."""
        return self.active > self.most

    def enter(self, caller: bytes) -> Literal[200, 429, 503]:
        """Count a request, which has to `leave`; then 503 where there are too many, 429 where its caller has."""
        self.active += 1
        mine = self._of[caller] = self._of.get(caller, 0) + 1
        if self.full:
            return 503
        return 429 if mine > self.share else 200

    def leave(self, caller: bytes) -> None:
        self.active -= 1
        mine = self._of[caller] - 1
        if mine:
            self._of[caller] = mine
        else:
            del self._of[caller]
