"""Fills a fresh database with an authority at work: old paper, seven weeks of casework, this morning, a forecast.

Nothing is written but by the engine: what people of the demonstration did is in its log like anything else.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from api.application import run as runs
from api.application.catalogue import SERVED
from api.application.run import RequestRun, Run
from api.application.service import ResourceService
from api.cli.demo.letters import choose_sender, write_draft, write_letter
from api.cli.demo.people import AUTHORITY, PLANNER, REGISTRAR
from api.cli.demo.replays import REPLAYS, play_replays
from api.cli.demo.scan_centre import ScanCentre
from api.cli.demo.slips import leave_in_every_state
from api.cli.demo.worklist import Worklist
from api.cli.shared.output import count_cores, language
from api.server.jobs.runner import Limits, Runner
from api.server.jobs.shipped_files import locate
from scanning.capture.services import ScanServices
from scanning.readers.process_pool import CONFINED
from scanning.requirements.terms import ScanRules
from scanning.storage.content_store import ContentStore
from simulation.casework.simulate import simulate
from simulation.casework.workplace import Run as CaseworkRun
from simulation.loading.load_casework import load_casework
from workflow.engine.engine import Engine
from workflow.file_plan.file_plan import ImportFilePlan
from workflow.organisation.working_days import back, local_day
from workflow.records.files import File
from workflow.views.queries import Views

SCENARIO = Path("scenarios/casework/demo-authority.yaml")
DRAFT = "entwurf"
"""Begins the names of files that the office writes itself."""
WORKING_DAYS = 35
PAPER_CAME = timedelta(days=200)
"""Before today: its paper may be destroyed after half a year."""
FORECAST = RequestRun(scenario="nrw-plan-2021", title="Der Plan vom August 2021", replications=100, scan_replications=2)
"""Few runs with every item, which take longest: a minute has to be enough."""
FILE_PLAN = """\
code,title,retention_years,disposal,statutory,agreed,closed
10,Organisation und Personal,10,V,no,no,no
11,Haushalt,10,V,yes,no,no
43,Fachaufgaben,10,B,no,no,no
44,Förderung erneuerbarer Energien,10,B,no,no,no
45,Aufsicht und Genehmigungen,30,A,no,no,no
46,Anfragen des Landtags,10,A,no,no,no
"""
Step = Callable[[str, str], None]
"""Told in German and English what comes next."""


def fill(
    folder: Path, now: datetime, on_step: Step, forecast: RequestRun = FORECAST, replays: Sequence[Path] = REPLAYS
) -> str:
    """An authority in `eva.db` and `data` of an empty folder, as it is at `now`; raises `OSError`, `EvaError`.

    The reason for which there is no forecast; empty where there is one.
    """
    url, data = f"sqlite:///{folder / 'eva.db'}", folder / "data"
    on_step("Papier von vor einem halben Jahr", "paper of half a year ago")
    came = now - PAPER_CAME
    with _open(url, lambda: came) as engine, ScanServices(engine, data) as services:
        centre = ScanCentre(engine, services)
        centre.set_up()
        if CONFINED:
            centre.deliver_long_ago()
        else:
            on_step(
                "ohne gescannte Dateien: unter Windows werden keine gelesen",
                "without scanned files: none are read on Windows",
            )
    on_step("sieben Wochen Arbeit an Akten und Laufmappen", "seven weeks of work on records and routing slips")
    _work(url, ContentStore(data / "content"), now)
    on_step("der Posteingang von heute", "the mail of today")
    with _open(url, lambda: now) as engine, ScanServices(engine, data) as services:
        engine.handle(ImportFilePlan(authority=AUTHORITY, csv=FILE_PLAN), REGISTRAR, f"file-plan:{AUTHORITY}")
        resources = ResourceService(engine, Views(engine))
        leave_in_every_state(engine, resources)
        Worklist(resources, partial(_write_file, ContentStore(data / "content")), local_day(now)).fill()
        if CONFINED:
            ScanCentre(engine, services).work_through_the_day()
    on_step("Prüfläufe mit ihren Ergebnissen", "replays with their results")
    play_replays(replays, data / "replays", language())
    on_step("eine Prognose des Rollouts", "a forecast of the rollout")
    with _open(url, lambda: datetime.now(UTC)) as engine:
        return _compute(engine, data, forecast)


@contextmanager
def _open(url: str, clock: Callable[[], datetime]) -> Iterator[Engine]:
    with closing(Engine(url, catalogue=SERVED, rules=ScanRules(test_seals_count=True), clock=clock)) as engine:
        yield engine


def _work(url: str, store: ContentStore, now: datetime) -> None:
    """Let the staff work up to yesterday evening."""
    scenario = load_casework(locate(SCENARIO))[0].scenario
    end = back(local_day(now), 1)
    horizon = scenario.horizon.model_copy(update={"start": back(end, WORKING_DAYS), "end": end})
    played = scenario.model_copy(update={"horizon": horizon})
    simulate(played, 2021, CaseworkRun(1, url=url, write_file=partial(_write_file, store)))


def _write_file(store: ContentStore, title: str, name: str, sender: str = "") -> File:
    data = write_draft(title, name) if name.startswith(DRAFT) else write_letter(title, sender or choose_sender(title))
    kept = store.put(data)
    return File(
        sha256=kept.sha256, file_name=f"{name}.pdf", size=kept.size, media_type="application/pdf", stored=True
    )  # fmt: skip


def _compute(engine: Engine, data: Path, forecast: RequestRun) -> str:
    """Ask for a forecast and wait until it has ended; why it failed, empty where it did not. What it has computed lies
    where the server looks, so that a question about it begins sooner.
    """
    kept = Path(os.environ.get("EVA_CACHE") or data / "computed")
    runner = Runner(engine, data / "runs", Limits(processes=count_cores()), pause=0.1, cache=kept)
    run: Run = engine.handle(forecast, PLANNER, runs.CATEGORY).state
    runner.start()
    try:
        while runner.refresh()[run.id].state in {"queued", "running"}:
            time.sleep(0.1)
        ended = runner.refresh()[run.id]
    finally:
        runner.stop()
    return "" if ended.state == "finished" else ended.reason or ended.state
