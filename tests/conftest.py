"""Fixtures: the shipped scenario, loaded once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from simulation.programme import Scenario
from simulation.scenario_file import load

ROOT = Path(__file__).parents[1]
NRW = ROOT / "scenarios" / "nrw" / "plan-2021.yaml"

settings.register_profile("eva", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("eva")


@pytest.fixture(scope="session")
def nrw() -> Scenario:
    return load(NRW)
