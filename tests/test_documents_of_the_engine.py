"""The engine's pages are true: diagrams are those of the tables, the published verifier verifies, the how-to runs."""

import re
from pathlib import Path

import pytest

from scanning.catalogue import MACHINES
from tests.workflow.conftest import Office
from tests.workflow.engine.test_log import a_log
from workflow.engine.machine import Machine

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_the_pages_of_the_machines_are_those_of_the_tables(machine: Machine) -> None:
    """`python -m api.cli.machine_docs docs/machines` writes them."""
    from api.cli.machine_docs import render

    assert (ROOT / "docs" / "machines" / f"{machine.name}.md").read_text(encoding="utf-8") == render(machine)


def test_the_published_verifier_verifies() -> None:
    text = (ROOT / "docs" / "reference" / "log.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    namespace: dict = {}
    exec(code, namespace)  # noqa: S102 - our own page
    office = Office("sqlite://")
    rows = [row._asdict() for row in a_log(office)]
    assert namespace["verify"](rows) == office.engine.log.head().hash
    rows[3]["actor"] = "jemand"
    with pytest.raises(AssertionError):
        namespace["verify"](rows)
    office.engine.close()


def test_the_how_to_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "how-to" / "drive-the-engine.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    exec(code, {})  # noqa: S102 - our own page
    told = capsys.readouterr().out
    for line in ("43.21-0001", "returned", "['slip.station_done', 'slip.completed']", "due", "{'filed': 1}"):
        assert line in told.splitlines()
