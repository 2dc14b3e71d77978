"""Replay files played for the pages of a tester: their results, and what they cover of the machines."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from api.cli.shared.output import count_cores
from api.replay.coverage.coverage import Coverage
from api.replay.coverage.page import render_page
from api.replay.output import render_junit
from api.replay.run.jobs import Job, find_files, replay_all
from scenarios import FOLDER

REPLAYS = (FOLDER / "replays",)
NAME = "replays"


def play_replays(paths: Sequence[Path], to: Path, language: str) -> None:
    """Write both into a folder, under the names that files have among those that are shipped."""
    jobs = [Job(path, language=language) for path in find_files(paths)]
    played = list(replay_all(jobs, count_cores()))
    covered = Coverage()
    for one in played:
        covered.add(one.coverage)
    to.mkdir(parents=True)
    named = (replace(one, path=one.path.relative_to(FOLDER)) for one in played)
    (to / f"{NAME}.xml").write_bytes(render_junit(named, language))
    (to / f"{NAME}.html").write_text(render_page(covered, language, html=True), encoding="utf-8")
