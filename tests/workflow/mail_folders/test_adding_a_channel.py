"""A channel that is added is one declaration: API, command, replay files and their descriptions know it by that."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from simulation.calendar import Calendar
from simulation.levers.load import load
from simulation.rollout.demand import compute_mail_rate
from simulation.scenario.scanning import Channel
from tests.conftest import ROOT
from tests.patience import PATIENT

DECLARATION = """    PNEUMATIC_POST = "pneumatic_post", ChannelRules(
        Text("Rohrpost", "pneumatic post"), "F025", at_most_bytes=1000, needs_sender=True, media_types=(PDF,)
    )
"""
FILE = "{{sha256: a.pdf, file_name: a.pdf, media_type: application/pdf, size: {size}}}"
ITEM = "{{title: Brief, channel: pneumatic_post, reference: R-1, file: " + FILE + "{more}}}"
SMALL, LARGE = ITEM.format(size=10, more=""), ITEM.format(size=1001, more=", sender: Amt")
GOOD = ITEM.format(size=10, more=", sender: Amt")
CREATE = "create: mail-folder, as: registratur"
REPLAY = f"""kind: replay
title: Rohrpost
english: Pneumatic post
basis: F025
start: 2021-06-01T08:00:00+02:00
actors:
  registratur: {{roles: [registrar], authority: mwide}}
steps:
  - {{{CREATE}, with: {{as_delivered: true, items: [{SMALL}]}}, expect: {{error: 422}}}}
  - {{{CREATE}, with: {{as_delivered: true, items: [{LARGE}]}}, expect: {{error: 422}}}}
  - {{{CREATE}, id: eingang, with: {{as_delivered: true, items: [{GOOD}]}}}}
  - {{do: sight, on: eingang/1, as: registratur, expect: {{state: sighted}}}}
"""


def run(folder: Path, *words: str, declared: bool = True) -> subprocess.CompletedProcess[str]:
    script = "tests.workflow.mail_folders.one_more_channel"
    command = [sys.executable, "-m", script, DECLARATION if declared else "", *words]
    environment = {"PYTHONPATH": str(ROOT), "EVA_LANG": "en", "HOME": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=PATIENT, check=False
    )


@pytest.fixture
def replay(tmp_path: Path) -> Path:
    path = tmp_path / "rohrpost.yaml"
    path.write_text(REPLAY, encoding="utf-8")
    return path


def test_a_replay_file_takes_it_with_its_rules(replay: Path) -> None:
    done = run(replay.parent, "replay", str(replay))
    assert done.returncode == 0, done.stdout + done.stderr
    assert run(replay.parent, "replay", str(replay), declared=False).returncode != 0


def test_the_command_takes_it_and_refuses_what_its_rules_forbid(tmp_path: Path) -> None:
    paper = tmp_path / "a.pdf"
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(paper)
    words = ("mail", "receive", str(paper), "--channel", "pneumatic_post", "--reference", "R-1", "--json")
    refused = run(tmp_path, *words)
    assert refused.returncode == 2
    assert "sender" in refused.stderr
    done = run(tmp_path, *words, "--sender", "Amt")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"][0]["channel"] == "pneumatic_post"


def test_the_api_describes_it(tmp_path: Path) -> None:
    described = run(tmp_path, "schema", "openapi").stdout
    assert '"pneumatic_post"' in described
    assert '"pneumatic_post"' not in run(tmp_path, "schema", "openapi", declared=False).stdout


def test_in_a_forecast_it_is_one_entry_that_takes_paper_by_its_share() -> None:
    plan = load(ROOT / "scenarios" / "nrw" / "plan-2021.yaml")
    calendar = Calendar(plan.spec.horizon.start, plan.spec.horizon.end)
    told = {"value": 0.2, "basis": "assumed", "source": "for this test", "low": 0.1, "high": 0.3}
    opens = {"value": date(2021, 1, 1), "basis": "assumed", "source": "for this test"}
    about = {"id": "pneumatic-post", "kinds": ["ministry"], "replaces": told, "opens": opens}
    one = Channel.model_validate(plan.spec.mail.channels[0].model_dump(by_alias=True) | about)
    mail = plan.spec.mail.model_copy(update={"channels": [*plan.spec.mail.channels, one]})
    more = replace(plan, spec=plan.spec.model_copy(update={"mail": mail}))
    day = next(d for d in range(calendar.days - 1, 0, -1) if calendar.is_working[d])
    before, after = (compute_mail_rate(scenario, calendar, "ministry")[day] for scenario in (plan, more))
    assert after == pytest.approx(before * (1 - 0.2))
    assert (
        compute_mail_rate(more, calendar, "institution")[day] == compute_mail_rate(plan, calendar, "institution")[day]
    )
