"""For tests that change the database behind the engine's back."""

from contextlib import AbstractContextManager

import sqlalchemy as sa

from workflow.engine.engine import Engine


def tampering(engine: Engine) -> AbstractContextManager[sa.Connection]:
    """One transaction on the engine's database."""
    return engine.log._database.write()
