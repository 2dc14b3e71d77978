"""The chart that fills up while a forecast is computed: from the runs so far, in the page and without script."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from api.application.run import StartRun, stream
from api.server.jobs import worker
from api.server.jobs.lock import Lock
from api.server.jobs.runner import Limits, Runner
from simulation.charts.preliminary import describe_preliminary
from simulation.forecast.collect import Collection
from simulation.levers.load import load
from tests.api.pages.person import Person
from tests.api.pages.test_pages_in_a_browser import DESK, Look
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT
from workflow.engine.access import SYSTEM

expect.set_options(timeout=PATIENT * 1000)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as one:
        runner: Runner = one.app.state.runner
        runner.limits = Limits(at_once=0)
        yield one


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    scenario, runs = load("scenarios/nrw/plan-2021.yaml"), list[Any]()
    Collection(scenario, "risk", 1, watch=runs.extend).extend(12, 1)
    return describe_preliminary(scenario, runs)


def ask_for_run(served: Served) -> tuple[str, Path, Lock]:
    """A run that is being computed, as far as anybody can tell, its folder, and the lock of its worker."""
    petra = served.client("petra", "planner")
    run = petra.post("/runs", json={"scenario": "nrw-plan-2021", "replications": 40}).json()["id"]
    folder = served.app.state.runner.get_folder(run)
    lock = Lock(folder)
    served.services.engine.handle(StartRun(), SYSTEM, stream(run))
    return run, folder, lock


def test_the_chart_is_there_once_there_are_enough_runs(served: Served, described: dict[str, Any]) -> None:
    petra = Person(served, "petra", "planner", language="de")
    run, folder, lock = ask_for_run(served)
    place = f"/pages/runs/{run}/preliminary"
    assert petra.client.get(place).status_code == 204
    assert petra.page(f"/pages/runs/{run}").xpath("//figure[@data-preliminary]/@hidden")
    (folder / worker.PRELIMINARY).write_text(json.dumps(described), encoding="utf-8")
    drawn = petra.client.get(place)
    assert (drawn.status_code, drawn.headers["eva-runs"]) == (200, "12")
    assert "Plan des Berichts" in drawn.text
    page = petra.page(f"/pages/runs/{run}")
    (figure,) = page.xpath("//figure[@data-preliminary]")
    assert figure.get("hidden") is None
    assert "Vorläufig : Für wie viele Menschen ist es gestartet? Aus den ersten 12 Durchläufen" in " ".join(
        " ".join(figure.itertext()).split()
    )
    Person(served, "anna", "case_worker").page(place, status=403)
    Person(served, "fremd", "planner", authority="jm").page(place, status=404)
    lock.release()


def test_it_fills_up_in_the_browser(served: Served, browser: Browser, described: dict[str, Any]) -> None:
    run, folder, lock = ask_for_run(served)
    one = Look(served, browser, DESK, "en-GB", served.bearer("petra", "planner"))
    page = one.visit(f"/pages/runs/{run}")
    expect(page.get_by_role("img", name="Preliminary chart of users")).to_be_hidden()
    (folder / worker.PRELIMINARY).write_text(json.dumps(described), encoding="utf-8")
    (folder / "progress.json").write_text(json.dumps({"done": 12, "total": 40, "items": 0, "seconds": 1.0, "left": 3}))
    chart = page.get_by_role("img", name="Preliminary chart of users")
    expect(chart).to_be_visible()
    page.wait_for_function("document.querySelector('[data-preliminary] img').naturalWidth > 0")
    assert page.locator("[data-drawn]").inner_text() == "12"
    assert one.faults() == []
    assert (one.said, one.outside()) == ([], [])
    one.context.close()
    lock.release()


def test_a_worker_leaves_it_now_and_then_and_not_after_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, kept = load("scenarios/nrw/plan-2021.yaml"), list[int]()
    monkeypatch.setattr(worker, "SECONDS_BETWEEN_CHARTS", 0.0)
    monkeypatch.setattr(worker, "TIMES_ITS_COST", 0)
    left = worker.Preliminary(tmp_path, scenario, 14)

    def add(runs: Any) -> None:
        left.add(runs)
        if (tmp_path / worker.PRELIMINARY).exists():
            kept.append(json.loads((tmp_path / worker.PRELIMINARY).read_text(encoding="utf-8"))["runs"])

    Collection(scenario, "risk", 1, watch=add).extend(14, 1)
    assert kept == [10, 11, 12, 13, 13]
