"""Alembic's entry: runs on the connection that `workflow.engine.store.migrate` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
