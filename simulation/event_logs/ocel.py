"""OCEL 2.0: events with the objects that take part in them, as SQLite and as JSON (https://www.ocel-standard.org).

The log is read once into a file of SQLite, which is the one format; the other is written from it. Neither needs more
memory for a longer log. Every object that a relation names is there, also where its beginning was erased.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simulation.event_logs.objects import OBJECT_TYPES, Beginning, Part, Participant, describe
from workflow.engine.store.hash_chain import Recorded

ATTRIBUTES = ("result", "run")
"""Of events."""
TABLES = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type(ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type(ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT NOT NULL REFERENCES event(ocel_id), ocel_object_id TEXT NOT NULL REFERENCES object(ocel_id),
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
    ocel_source_id TEXT NOT NULL REFERENCES object(ocel_id), ocel_target_id TEXT NOT NULL REFERENCES object(ocel_id),
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""
LONG_AGO = "1970-01-01T00:00:00Z"
"""Since when there is an object whose beginning is not in the log."""


class _Writer:
    """Fills a new database event by event."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path)
        self.database.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; BEGIN;" + TABLES)
        self._events: set[str] = set()
        for kind, attributes in OBJECT_TYPES.items():
            self.database.execute("INSERT INTO object_map_type VALUES (?, ?)", (kind, kind))
            columns = "".join(f', "{name}" TEXT' for name in attributes)
            self.database.execute(
                f'CREATE TABLE "object_{kind}" (ocel_id TEXT REFERENCES object(ocel_id), ocel_time TEXT,'
                f" ocel_changed_field TEXT{columns})"
            )
            self.database.execute(f'CREATE INDEX "of_{kind}" ON "object_{kind}" (ocel_id)')

    def add(self, row: Recorded) -> None:
        found, event = describe(row), f"e{row.position}"
        name = row.type.replace(".", "_")
        if row.type not in self._events:
            self._events.add(row.type)
            self.database.execute("INSERT INTO event_map_type VALUES (?, ?)", (row.type, name))
            self.database.execute(
                f'CREATE TABLE "event_{name}" (ocel_id TEXT PRIMARY KEY REFERENCES event(ocel_id), ocel_time TEXT,'
                " result TEXT, run TEXT)"
            )
        self.database.execute("INSERT INTO event VALUES (?, ?)", (event, row.type))
        values = (event, row.time, *(found.attributes.get(one) for one in ATTRIBUTES))
        self.database.execute(f'INSERT INTO "event_{name}" VALUES (?, ?, ?, ?)', values)  # noqa: S608 - known names
        for one in found.beginnings:
            self._begin(one, row.time)
        for part in found.parts:
            self._name(part.participant)
            self.database.execute(
                "INSERT INTO event_object VALUES (?, ?, ?)", (event, part.participant.id, part.qualifier)
            )

    def _begin(self, one: Beginning, time: str) -> None:
        self._name(one.participant)
        kind = one.participant.type
        values = [one.participant.id, time, None, *(one.attributes.get(name) for name in OBJECT_TYPES[kind])]
        places = ", ".join("?" for _ in values)
        self.database.execute(f'INSERT INTO "object_{kind}" VALUES ({places})', values)  # noqa: S608 - known names
        for part in one.related:
            self._relate(one.participant, part)

    def _relate(self, participant: Participant, part: Part) -> None:
        self._name(part.participant)
        row = (participant.id, part.participant.id, part.qualifier)
        self.database.execute("INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", row)

    def _name(self, participant: Participant) -> None:
        self.database.execute("INSERT OR IGNORE INTO object VALUES (?, ?)", (participant.id, participant.type))

    def close(self) -> None:
        for kind in OBJECT_TYPES:
            self.database.execute(
                f'INSERT INTO "object_{kind}" (ocel_id, ocel_time) SELECT ocel_id, ? FROM object'  # noqa: S608
                f' WHERE ocel_type = ? AND ocel_id NOT IN (SELECT ocel_id FROM "object_{kind}")',
                (LONG_AGO, kind),
            )
        self.database.commit()
        self.database.close()


def write_sqlite(rows: Iterable[Recorded], path: Path) -> None:
    """A new file at `path`; raises `OSError` where it cannot be written."""
    try:
        writer = _Writer(path)
        try:
            for row in rows:
                writer.add(row)
        finally:
            writer.close()
    except sqlite3.OperationalError as wrong:
        raise OSError(f"{path}: {wrong}") from wrong


def write_json(rows: Iterable[Recorded]) -> Iterator[str]:
    """The document piece by piece."""
    with TemporaryDirectory(prefix="eva-ocel-") as folder:
        path = Path(folder) / "log.sqlite"
        write_sqlite(rows, path)
        database = sqlite3.connect(path)
        try:
            yield from _write_document(database)
        finally:
            database.close()


def _write_document(database: sqlite3.Connection) -> Iterator[str]:
    event_types = [row[0] for row in database.execute("SELECT ocel_type FROM event_map_type ORDER BY ocel_type")]
    yield '{"objectTypes": ' + _to_json([_describe(name, names) for name, names in OBJECT_TYPES.items()])
    yield ',\n"eventTypes": ' + _to_json([_describe(name, ATTRIBUTES) for name in event_types])
    yield ',\n"objects": ['
    yield from _join(_list_objects(database))
    yield '],\n"events": ['
    yield from _join(_list_events(database))
    yield "]}\n"


def _describe(name: str, attributes: Iterable[str]) -> dict[str, Any]:
    return {"name": name, "attributes": [{"name": one, "type": "string"} for one in attributes]}


def _list_objects(database: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    for key, kind in database.execute("SELECT ocel_id, ocel_type FROM object ORDER BY rowid"):
        found = database.execute(f'SELECT * FROM "object_{kind}" WHERE ocel_id = ? LIMIT 1', (key,)).fetchone()  # noqa: S608
        values = zip(OBJECT_TYPES[kind], found[3:], strict=True) if found else ()
        yield {
            "id": key, "type": kind,
            "attributes": [{"name": name, "time": found[1], "value": value} for name, value in values
                           if value is not None],
            "relationships": _list_relations(database, "object_object", "ocel_source_id", "ocel_target_id", key),
        }  # fmt: skip


def _list_events(database: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    for key, kind in database.execute("SELECT ocel_id, ocel_type FROM event ORDER BY rowid"):
        query = f'SELECT ocel_time, result, run FROM "event_{kind.replace(".", "_")}" WHERE ocel_id = ?'  # noqa: S608
        time, *values = database.execute(query, (key,)).fetchone()
        yield {
            "id": key, "type": kind, "time": time,
            "attributes": [{"name": name, "value": value} for name, value in zip(ATTRIBUTES, values, strict=True)
                           if value is not None],
            "relationships": _list_relations(database, "event_object", "ocel_event_id", "ocel_object_id", key),
        }  # fmt: skip


def _list_relations(database: sqlite3.Connection, table: str, source: str, target: str, key: str) -> list[Any]:
    query = f"SELECT {target}, ocel_qualifier FROM {table} WHERE {source} = ?"  # noqa: S608 - ours
    return [{"objectId": other, "qualifier": qualifier} for other, qualifier in database.execute(query, (key,))]


def _join(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    for number, one in enumerate(found):
        yield (",\n" if number else "\n") + _to_json(one)


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
