"""Bringing a database to this release's schema with Alembic; a newer schema is refused, never touched."""

from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from workflow.engine.store.database import Database
from workflow.errors import StoreUnavailable

HERE = Path(__file__).parent / "migrations"
_FRESH: list[str] = []
"""What an empty SQLite database became in this process; repeated for the next: sandboxes and replays make many."""


def migrate(database: Database) -> None:
    """Upgrade to the newest schema, in one transaction a step; nothing to do costs one query."""
    newest = find_newest()
    with database.write(unhurried=True) as connection:
        current = read_current(connection)
        if current == newest:
            return
        if current is not None and current not in _list_revisions():
            raise StoreUnavailable(
                f"the database has schema {current}, which is newer than this release ({newest})",
                f"Die Datenbank hat das Schema {current}; es ist neuer als dieses Programm ({newest})",
            )
        empty = database.is_sqlite and not sa.inspect(connection).get_table_names()
        if empty and _FRESH:
            for statement in _FRESH:
                connection.exec_driver_sql(statement)
            return
        _upgrade(connection)
        if empty:
            made: Any = connection.connection.driver_connection
            _FRESH[:] = list(made.iterdump())[1:-1]  # between BEGIN and COMMIT


def _upgrade(connection: sa.Connection) -> None:
    # Importing Alembic takes a fifth of a short command's time, which seldom has anything to upgrade.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def _list_revisions() -> list[str]:
    """All, oldest first, by the names of their files."""
    return sorted(path.name[1:5] for path in (HERE / "versions").glob("v[0-9]*.py"))


def find_newest() -> str:
    """The schema of this release."""
    return _list_revisions()[-1]


def read_current(connection: sa.Connection) -> str | None:
    """The schema of a database; None for one that has none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
