"""A log of simulated staff, and recorded ones in which contents were erased and paper was scanned."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios import FOLDER
from simulation.casework.casework import adapt
from simulation.casework.simulate import Run, simulate
from simulation.loading.load_casework import load_casework
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log

HISTORIES = Path(__file__).parents[2] / "histories"


@pytest.fixture(scope="session")
def office_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Four weeks of the small office."""
    url = f"sqlite:///{tmp_path_factory.mktemp('log')}/eva.db"
    simulate(adapt(load_casework(FOLDER / "casework" / "small-office.yaml")[0], days=28).scenario, 7, Run(1, url=url))
    return url


@pytest.fixture(scope="session", params=["office", "0.1.0", "0.1.0-rights", "0.2.0-scanning"])
def log(request: pytest.FixtureRequest, office_url: str) -> Iterator[Log]:
    if request.param == "office":
        opened = Log(office_url, read_only=True)
    else:
        opened = Log("sqlite://")
        lines = (HISTORIES / f"{request.param}.jsonl").read_text(encoding="utf-8").splitlines()
        opened.restore(Recorded(**json.loads(line)) for line in lines)
    yield opened
    opened.close()
