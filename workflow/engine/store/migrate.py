"""Bringing a database to this release's schema with Alembic; a newer schema is refused, never touched."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from workflow.engine.store.database import Database
from workflow.errors import StoreUnavailable

HERE = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Upgrade to the newest schema, in one transaction a step; nothing to do costs one query."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    script = ScriptDirectory.from_config(config)
    newest = script.get_current_head()
    with database.write(unhurried=True) as connection:
        current = _current(connection)
        if current == newest:
            return
        if current is not None and current not in {r.revision for r in script.walk_revisions()}:
            raise StoreUnavailable(f"the database has schema {current}, which is newer than this release ({newest})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _current(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
