"""What was done in a sandbox becomes a replay file that passes; nothing is guessed, and refusals are kept."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.replay.file.check import load_checked
from api.replay.recorder.recorder import write_replay
from api.replay.run.in_process import InProcess
from api.replay.run.over_http import OverHttp
from api.replay.run.runner import run
from tests.api.server_in_thread import Served, serving

REPLAYS = Path(__file__).parents[3] / "scenarios" / "replays"
FILES = [
    "mitzeichnung/verweigert-neuer-lauf.yaml",
    "mitzeichnung/vertretung.yaml",
    "mitzeichnung/frist-eskaliert.yaml",
    "akte/wiedereroeffnet.yaml",
    "akte/loeschsperre.yaml",
    "aussonderung/vierstufig-archiv.yaml",
    "postmappe/irrlaeufer.yaml",
    "scannen/rheinland-bis-zur-vernichtung.yaml",
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("recorder")) as one:
        yield one


class Kept(OverHttp):
    """Leaves its sandbox behind, to be recorded."""

    def close(self) -> None:
        self.recorder = self._must("GET", f"{self._base}/requests", None)
        super().close()


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_case_passes(served: Served, tmp_path: Path, name: str) -> None:
    token = served.bearer("tester", "auditor")
    (case,) = load_checked(REPLAYS / name)
    made = []

    def driver(one):
        made.append(Kept(served.url, token, one.replay.start, one.title))
        return made[0]

    assert run(case, driver).passed
    path = tmp_path / "aufzeichnung.yaml"
    path.write_text(write_replay(made[0].recorder), encoding="utf-8")
    (recorded,) = load_checked(path)
    verdict = run(recorded, lambda one: InProcess(one.replay.start, seed=one.title))
    assert verdict.passed, verdict.failure
    done = [step for step in case.replay.steps if step.do or step.create]
    assert len([step for step in recorded.replay.steps if step.do or step.create]) == len(done)
    refused = [step for step in done if step.expect and step.expect.error]
    assert len([step for step in recorded.replay.steps if step.expect and step.expect.error]) == len(refused)
    assert not re.search(r"(?<!id: )[0-9a-f]{8}-[0-9a-f]{4}-5", path.read_text(encoding="utf-8")), "a made id is left"


def test_a_sandbox_in_which_nothing_was_done_gives_no_file(served: Served) -> None:
    token = served.bearer("tester", "auditor")
    (case,) = load_checked(REPLAYS / FILES[0])
    empty = Kept(served.url, token, case.replay.start, "leer")
    empty.close()
    with pytest.raises(LookupError, match="nothing was done"):
        write_replay(empty.recorder)


def test_nobody_but_the_owner_reads_the_diary(served: Served) -> None:
    (case,) = load_checked(REPLAYS / FILES[0])
    mine = OverHttp(served.url, served.bearer("tester", "auditor"), case.replay.start, "meiner")
    other = served.client("stranger", "admin")
    assert other.get(f"{mine._base}/requests").status_code == 404
    assert other.get(f"{mine._base}/timers?stream=record:x").status_code == 404
    mine.close()
