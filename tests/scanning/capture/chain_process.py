"""A process that takes a folder of letters the whole way, and is killed; run it again and it goes on.

The commands are those of `eva scan`, as people call them; between delivery and destruction a clerk files every letter.
"""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from api.application.catalogue import ALL
from api.cli.scan import files, paper
from scanning.batches.sheet_count import read_batches
from scanning.capture import services as scan_services
from scanning.capture.services import ScanServices
from scanning.handover import POLICIES
from scanning.readers.process_pool import ReaderPool
from scanning.readers.read_scan import read_scan
from scanning.requirements.terms import ScanRules
from tests.scanning.conftest import MAIL, PEOPLE
from tests.workflow.conftest import HEAD
from workflow.engine.access import Role
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.engine.subscribers import follow
from workflow.mail_folders.mail_folder import stream as folder_stream
from workflow.organisation.staff.actions import Register
from workflow.organisation.staff.member import stream as staff_stream
from workflow.records.actions import COMMANDS as RECORD

AUTHORITY = PEOPLE["otto"].authority or ""
NIGHT, LATER = timedelta(days=1), timedelta(days=200)
Step = Callable[[], None]


class HereReaders(ReaderPool):
    """Reads files in this very process: the files are good ones, and a child would only take time."""

    def read(self, path: Path, name: str, out: Path, pictures: Path, parts: Path | None = None) -> Any:
        return read_scan(path, name, out, pictures, parts, self.limits, lambda: None)


def main(folder: Path, steps: int, real_readers: bool) -> None:
    """Do all that is left; die at the `steps`-th step: before or after a command, or where a file is stored."""
    left = [steps]

    def step() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    _prepare(folder, step, real_readers)
    go_on(folder)


def _prepare(folder: Path, step: Step, real_readers: bool) -> None:
    os.environ.update(
        EVA_DATABASE_URL=f"sqlite:///{folder}/eva.db", EVA_DATA=str(folder / "data"), EVA_TEST_SEALS_COUNT="true"
    )
    handle = Engine.handle

    def handle_between_steps(self: Engine, *arguments: Any, **named: Any) -> Any:
        step()
        done = handle(self, *arguments, **named)
        step()
        return done

    Engine.handle = handle_between_steps  # type: ignore[method-assign]
    ScanServices.__init__.__kwdefaults__["on_step"] = lambda _reached: step()
    if not real_readers:
        scan_services.ReaderPool = HereReaders  # type: ignore[misc]


def go_on(folder: Path) -> None:
    """The same calls every time."""
    take(folder)
    _set_clock(NIGHT)
    with opened(folder) as services:
        file_letters(services.capture.engine)
        (batch,) = read_batches(services.capture.engine)
        if not all(item.product is None or item.product.sha256 in batch.backups for item in batch.items.values()):
            services.maintenance.backup(folder / "sicherung")
    _set_clock(LATER)
    with opened(folder) as services:
        services.capture.engine.advance(services.capture.engine.clock())
    for act, by in ((paper.release, {"by": "head"}), (paper.destroy, {"by": "olga", "method": "DIN 66399 P-4"})):
        _call(act, batch=batch.id, **by, authority=AUTHORITY, data=folder / "data", quiet=True)


def take(folder: Path) -> None:
    _set_clock(timedelta(0))
    _call(
        files.take, files=[folder / "eingang"], scanner="Kodak i5850", operator="otto", inspector="inge",
        authority=AUTHORITY, duplicates="exclude", data=folder / "data", quiet=True,
    )  # fmt: skip


def _call(command: Callable[..., None], **arguments: Any) -> None:
    """A command with what it would be given; where no letter waits for it any more, nothing is left to do."""
    try:
        command(**arguments)
    except SystemExit as end:
        if end.code != 1:
            raise


def _set_clock(ahead: timedelta) -> None:
    Engine.__init__.__kwdefaults__["clock"] = lambda: datetime.now(UTC) + ahead  # type: ignore[misc]


def opened(folder: Path) -> Any:
    """Services on the folder, with the engine that is closed with them."""
    engine = Engine(f"sqlite:///{folder}/eva.db", catalogue=ALL, rules=ScanRules(test_seals_count=True))

    class Opened(ScanServices):
        def close(self) -> None:
            super().close()
            engine.close()

    return Opened(engine, folder / "data")


def file_letters(engine: Engine) -> None:
    """A clerk files every letter that came, as far as they had not."""
    clerk = PEOPLE["clerk"]
    staff = Register(user="clerk", roles=(Role.CASE_WORKER,), authority=AUTHORITY)
    engine.handle(staff, HEAD, staff_stream("clerk"), command_id="staff")
    record = engine.handle(
        parse(RECORD["create"], {"title": "Windpark", "file_plan_code": "43.21"}), clerk, "record", command_id="record"
    ).stream
    added = engine.handle(parse(RECORD["add_case"], {"title": "Bescheid"}), clerk, record, command_id="case")
    case = next(iter(added.state.cases))
    acknowledge(engine)
    for batch in read_batches(engine):
        for item in batch.items.values():
            if item.delivery is not None and item.state == "delivered":
                _file(engine, folder_stream(item.delivery.folder), item.delivery.mail_item, record[7:], case)
    acknowledge(engine)


def acknowledge(engine: Engine) -> None:
    """As the server does it now and then."""
    for policy in POLICIES:
        follow(policy, engine)


def _file(engine: Engine, folder: str, mail: str, record: str, case: str) -> None:
    for action, more in (("sight", {}), ("assign", {"to": "clerk"}), ("file", {"record": record, "case": case})):
        command = parse(MAIL[action], {"item": mail, **more})
        engine.handle(command, PEOPLE["clerk"], folder, command_id=f"{action} {mail}")
