"""Whether there was a log before: no new one begins, and none is served, where something says that there was another.

In the data folder `heads.json` keeps, for each database served from it, position and hash of the last event seen, and
the time. Backups, and stored files that no database is named for, tell of an earlier log too.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from scanning.storage.backup import read_head
from workflow.engine.events import Model
from workflow.engine.fields import Count, Sha256, Time
from workflow.engine.store.durable_files import make_folder, write_atomically
from workflow.engine.store.log import Log
from workflow.errors import StoreReplaced
from workflow.text import Text

FILE = "heads.json"


class Seen(Model):
    """The head of a log as it was at a time."""

    position: Count
    hash: Sha256
    time: Time


_HEADS = TypeAdapter(dict[str, Seen])


class Traces(NamedTuple):
    """Where to look for what an earlier log has left."""

    database: str
    """Its URL."""
    data: Path
    backup: Path | None = None

    @property
    def name(self) -> str:
        """The database without its password; an SQLite file by its whole path, wherever the process runs."""
        parts = urlsplit(self.database)
        if parts.scheme.startswith("sqlite"):
            path = self.database.partition(":///")[2].partition("?")[0]
            return f"sqlite:///{os.path.abspath(path)}"  # noqa: PTH100 - a URL's path, as SQLite reads it
        where = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
        return f"{parts.scheme}://{where}{parts.path}{f'?{parts.query}' if parts.query else ''}"

    def read_seen(self) -> Seen | None:
        """What `heads.json` says of this database."""
        return self._read().get(self.name)

    def find(self) -> Text | None:
        """What says that there was a log in this database; None where nothing does."""
        seen = self._read()
        if self.name in seen and seen[self.name].position:
            file, many = self.data / FILE, seen[self.name].position
            return Text(f"nach {file} hatte sie {many} Ereignisse", f"{file} says that it had {many} events")
        kept = read_head(self.backup) if self.backup is not None else None
        if kept is not None and kept.position:
            return Text(
                f"die Sicherung in {self.backup} hat {kept.position} Ereignisse",
                f"the backup in {self.backup} has {kept.position} events",
            )
        if not seen and any((self.data / "content" / "objects").glob("*/*/*")):
            return Text(f"in {self.data} liegen gespeicherte Dateien", f"{self.data} holds stored files")
        return None

    def check(self, log: Log) -> None:
        """Raise `StoreReplaced` where the log is not the one that was here, or has lost its end."""
        head = log.head().position
        seen = self.read_seen()
        if not head and (trace := self.find()):
            raise StoreReplaced(
                f"the log of {self.name} is empty, and {trace.en}; restore it, or move that away",
                f"Das Protokoll der Datenbank {self.name} ist leer, und {trace.de}; sie wiederherstellen, oder das "
                "wegräumen",
            )
        if seen is not None and seen.position:
            row = next(log.read_all(seen.position - 1, 1), None)
            if row is None or (row.position, row.hash) != (seen.position, seen.hash):
                raise StoreReplaced(
                    f"the log of {self.name} is not the one that was here: {self.data / FILE} has seen position "
                    f"{seen.position} with hash {seen.hash}, and the log ends at {head}; restore it, or, where what is "
                    "missing is meant to be missing, remove that file",
                    f"Das Protokoll von {self.name} ist nicht das, das hier war: {self.data / FILE} kennt Position "
                    f"{seen.position} mit Hash {seen.hash}, und das Protokoll endet bei {head}; es wiederherstellen, "
                    "oder, wo das Fehlende fehlen soll, jene Datei löschen",
                )

    def keep(self, log: Log, seen_at: Time) -> None:
        """Write down how far the log goes. Raises `OSError`."""
        head = log.head()
        if head.position:
            make_folder(self.data)
            heads = {**self._read(), self.name: Seen(position=head.position, hash=head.hash, time=seen_at)}
            write_atomically(self.data / FILE, _HEADS.dump_json(heads, indent=1))

    def _read(self) -> dict[str, Seen]:
        try:
            return _HEADS.validate_json((self.data / FILE).read_bytes())
        except FileNotFoundError:
            return {}
        except (ValidationError, json.JSONDecodeError) as wrong:
            raise StoreReplaced(
                f"{self.data / FILE} cannot be read; look at it, or remove it",
                f"{self.data / FILE} ist nicht lesbar; nachsehen, oder sie löschen",
            ) from wrong
