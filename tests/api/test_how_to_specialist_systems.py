"""The how-to on specialist systems: its entry by curl and its program, as they stand there, against a server."""

import json
import re
import subprocess
from typing import Any

from tests.api.server_in_thread import Served
from tests.conftest import ROOT
from tests.patience import PATIENT

TEXT = (ROOT / "docs" / "how-to" / "specialist-systems.md").read_text(encoding="utf-8")


def read_block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


def test_a_system_is_entered_and_sends_as_the_page_says(served: Served) -> None:
    known = {"API": served.url, "ADMIN": served.bearer("boss", "admin", authority="mwide"), "PATH": "/usr/bin:/bin"}
    made = subprocess.run(
        ["/bin/sh", "-c", read_block("sh")], env=known, capture_output=True, text=True, timeout=PATIENT, check=True
    )
    entered = json.loads(made.stdout)
    space: dict[str, Any] = {}
    exec(read_block("python"), space)  # noqa: S102 - the page itself
    event = {"type": "record.create", "data": {"title": "Prüfung", "file_plan_code": "43.21"}}
    address = served.url + entered["address"]
    first = space["send"](address, entered["secret"], "m-1", event)
    assert (first["title"], first["state"]) == ("Prüfung", "created")
    assert space["send"](address, entered["secret"], "m-1", event) == first
    worked = space["send"](address, entered["secret"], "m-2", {"type": "record.work", "subject": first["id"]})
    assert worked["state"] == "in_work"
