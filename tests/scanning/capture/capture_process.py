"""A process that takes, checks and seals files, and is killed at a named step; run it again and it goes on."""

import os
import signal
from pathlib import Path

from scanning.batch_actions.batch import CreateBatch
from scanning.batch_actions.capture import Check, Prepare
from scanning.batches.values import NewItem
from scanning.capture.capture import ScanCapture
from scanning.catalogue import SCANNING
from scanning.limits import LIMITS
from scanning.readers.read_scan import read_scan
from scanning.requirements.terms import ScanRules
from scanning.sealing.providers import SealSettings, make_sealer
from scanning.storage.content_store import ContentStore, Evidence
from tests.scanning import papers
from tests.scanning.conftest import PEOPLE
from tests.scanning.file_fixtures import NOW
from workflow.engine.engine import Engine

ITEMS = 3
SCANS = [papers.png_file(f"Antrag {number}") for number in range(1, ITEMS + 1)]
"""Made once, before the processes are forked."""
STEPS = ("received", "inspected", "converted", "linked", "folder_synced", "read_back", "stored", "sealed", "recorded")


class Here:
    """Reads files in this very process: the files are good ones, and a child would only take time."""

    limits = LIMITS

    def read(self, path, name, out, pictures, parts=None):
        return read_scan(path, name, out, pictures, parts, LIMITS, lambda: None)


class EventFirst(ScanCapture):
    """Planted fault: answers before the file has its name."""

    def record_scan(self, *arguments, **named):
        return self._early(super().record_scan, arguments, named)

    def seal(self, *arguments, **named):
        return self._early(super().seal, arguments, named)

    def _early(self, real, arguments, named):
        waiting, keep = [], self.store.keep

        def later(incoming):
            draft = self.store.new_draft()  # what a reader has written lies in a folder that is about to go
            waiting.append(incoming._replace(path=incoming.path.replace(draft)))
            return Evidence(incoming.sha256, incoming.size, True, True, incoming.sha256)

        self.store.keep = later
        try:
            done = real(*arguments, **named)
        finally:
            self.store.keep = keep
        for incoming in waiting:
            keep(incoming)
        return done


def opened(folder: Path, at, kind=ScanCapture) -> ScanCapture:
    engine = Engine(f"sqlite:///{folder}/eva.db", clock=lambda: NOW, rules=ScanRules(), catalogue=SCANNING)
    store = ContentStore(folder / "store", at)
    return kind(engine, store, Here(), make_sealer(SealSettings(folder=folder.parent / "authority"), NOW), at)


def main(folder: Path, step: str, occurrence: int, fault: bool) -> None:
    """Do all the work that is left; die at the `occurrence`-th time that `step` is reached."""
    seen = 0

    def at(reached: str) -> None:
        nonlocal seen
        seen += reached == step
        if reached == step and seen == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    work(opened(folder, at, EventFirst if fault else ScanCapture))


def work(capture: ScanCapture) -> None:
    """Three items from arrival to the seal, each command with an id of its own."""
    engine = capture.engine
    items = tuple(NewItem(title=f"Antrag {number}", sheets=1) for number in range(1, ITEMS + 1))
    stream = engine.handle(CreateBatch(items=items), PEOPLE["otto"], "scan-batch", command_id="batch").stream
    for number in range(1, ITEMS + 1):
        engine.handle(Prepare(item=number), PEOPLE["otto"], stream, command_id=f"prepare {number}")
        capture.record_scan(
            stream, number, (SCANS[number - 1],), f"{number}.png", PEOPLE["otto"], command_id=f"take {number}"
        )
        engine.handle(Check(item=number), PEOPLE["inge"], stream, command_id=f"check {number}")
        capture.seal(stream, number, PEOPLE["otto"], command_id=f"seal {number}")
    engine.close()
