"""Store, readers, seal, capture and maintenance on one folder, for whoever serves or runs them.

In the folder: `content/`, the store; `seal/`, the test authority's keys and certificates, made at set-up; `seal.json`,
the settings of a real seal (`SealSettings`), where there is one; `backups.json`, the folders that backups went to.
"""

from pathlib import Path
from typing import Self

from pydantic import ValidationError

from scanning.capture.capture import ScanCapture
from scanning.capture.destruction import Destruction
from scanning.capture.maintenance import Maintenance
from scanning.limits import LIMITS, Limits
from scanning.readers.process_pool import ReaderPool
from scanning.sealing.providers import SealSettings, make_sealer
from scanning.sealing.seal import Sealer
from scanning.storage.backup import BackupFolders
from scanning.storage.content_store import ContentStore, Step, ignore_step
from workflow.engine.engine import Engine
from workflow.engine.naming.faults import describe_error, to_pointer
from workflow.errors import InvalidCommand


class ScanServices:
    def __init__(
        self, engine: Engine, folder: Path, *, readers: int = 1, limits: Limits = LIMITS, on_step: Step = ignore_step
    ) -> None:
        self.folder = folder
        self.sealer = _load_sealer(engine, folder)
        self.store = ContentStore(folder / "content", on_step)
        self.reader_pool = ReaderPool(readers, limits)
        self.capture = ScanCapture(engine, self.store, self.reader_pool, self.sealer, on_step)
        backups = BackupFolders(folder / "backups.json")
        self.maintenance = Maintenance(engine, self.store, self.sealer, backups)
        self.destruction = Destruction(self.maintenance)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.reader_pool.close()


def _load_sealer(engine: Engine, folder: Path) -> Sealer:
    """The sealer of `seal.json`, else one of the test authority; raises `InvalidCommand` for unusable settings."""
    file = folder / "seal.json"
    if not file.is_file():
        return make_sealer(SealSettings(folder=folder / "seal"), engine.clock())
    try:
        settings = SealSettings.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise InvalidCommand([(to_pointer(fault["loc"]), describe_error(fault)) for fault in error.errors()]) from error
    return make_sealer(settings, engine.clock())
