"""Fixtures: a replay file written on the spot."""

from tests.api.replay.conftest import written

__all__ = ["written"]
