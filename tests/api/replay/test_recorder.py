"""What was done in a sandbox becomes a replay file that passes; nothing is guessed, and refusals are kept."""

import re
from pathlib import Path

import pytest

from api.replay.file.check import load_checked
from api.replay.recorder.recorder import NothingDone, write_replay
from api.replay.run.in_process import InProcess
from api.replay.run.jobs import Job, replay
from api.replay.run.over_http import OverHttp
from api.replay.run.runner import run
from tests.api.server_in_thread import Served

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


NAMES = """\
kind: replay
title: Namen
start: 2021-06-01T08:00:00+02:00
actors:
  müller: {roles: [case_worker], authority: mwide}
  Anna Groß: {roles: [approver], authority: mwide, deputies: [{deputy: k.lein@mwide.nrw, until: 2021-07-01}]}
  k.lein@mwide.nrw: {roles: [approver], authority: mwide}
  leitung: {roles: [admin]}
steps:
  - create: routing-slip
    as: müller
    id: mappe
    with: {title: X, stations: [{kind: co_sign, actor: Anna Groß}, {kind: co_sign, actor: Anna Groß}]}
  - {do: start, on: mappe, as: müller}
  - {advance: P2D}
  - {do: sign, on: mappe, as: k.lein@mwide.nrw, for: Anna Groß, expect: {fields: {stations/1/on_behalf_of: Anna Groß}}}
  - {do: sign, on: mappe, as: Anna Groß, expect: {state: completed}}
  - {do: leave, on: staff/Anna Groß, as: leitung, with: {reason: Ruhestand}}
"""
ONLY_NAMED = """\
kind: replay
title: Nur genannt
start: 2021-06-01T08:00:00+02:00
actors:
  post: {roles: [registrar], authority: mwide}
  Åsa Ölmez: {roles: [case_worker], authority: mwide}
steps:
  - {create: mail-folder, as: post, id: mappe, with: {title: Post, items: [{title: Antrag, file: antrag.pdf}]}}
  - {do: sight, on: mappe/1, as: post}
  - {do: assign, on: mappe/1, as: post, with: {to: Åsa Ölmez}, expect: {state: assigned}}
"""


def test_who_is_only_named_takes_part_in_the_recorded_case(served: Served, tmp_path: Path) -> None:
    """Names are compared without regard to capitals, and the server has entered them so."""
    path = tmp_path / "genannt.yaml"
    path.write_text(ONLY_NAMED, encoding="utf-8")
    (case,) = load_checked(path)
    driver = Kept(served.url, served.bearer("tester", "auditor"), case.replay.start, "Nur genannt")
    assert run(case, lambda _: driver).passed
    path.write_text(write_replay(driver.recorder), encoding="utf-8")
    done = replay(Job(path))
    assert done.passed, (done.faults, done.verdicts)


def test_a_sandbox_becomes_a_replay_that_fills_a_sandbox_which_is_recorded_further(
    served: Served, tmp_path: Path
) -> None:
    """Names with umlauts, blanks and @ included."""
    token, client = served.bearer("tester", "auditor"), served.client("tester", "auditor")
    path = tmp_path / "namen.yaml"
    path.write_text(NAMES, encoding="utf-8")
    texts = []
    for _ in range(2):
        made = client.post("/sandboxes", json={"start": "2021-06-01T07:00:00+02:00", "title": "Namen"}).json()
        done = replay(Job(path, served.url, token, sandbox=made["id"]))
        assert done.passed, (done.faults, done.verdicts)
        place = f"/sandboxes/{made['id']}"
        assert client.get(place).json()["now"] == "2021-06-03T06:00:00Z", "it stays as the file has left it"
        path = tmp_path / f"{made['id']}.yaml"
        path.write_text(write_replay(client.get(f"{place}/requests").json()), encoding="utf-8")
        texts.append(path.read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert "for: anna groß" in texts[0], "as the server has entered the name"
    late = replay(Job(path, served.url, token, sandbox=made["id"]))
    assert "in the sandbox it is 2021-06-03T06:00:00+00:00 already" in str(late.faults[0])


def test_a_sandbox_in_which_nothing_was_done_gives_no_file(served: Served) -> None:
    token = served.bearer("tester", "auditor")
    (case,) = load_checked(REPLAYS / FILES[0])
    empty = Kept(served.url, token, case.replay.start, "leer")
    empty.close()
    with pytest.raises(NothingDone, match="nothing was done"):
        write_replay(empty.recorder)


def test_nobody_but_the_owner_reads_the_diary(served: Served) -> None:
    (case,) = load_checked(REPLAYS / FILES[0])
    mine = OverHttp(served.url, served.bearer("tester", "auditor"), case.replay.start, "meiner")
    other = served.client("stranger", "admin")
    assert other.get(f"{mine._base}/requests").status_code == 404
    assert other.get(f"{mine._base}/timers?stream=record:x").status_code == 404
    mine.close()
