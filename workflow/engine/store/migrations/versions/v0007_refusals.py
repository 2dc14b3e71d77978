"""Refusals of an event are counted apart from absences; dead letters asked for are found without the others."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("receivers", sa.Column("refusals", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("dead_letters_again", "dead_letters", ["again", "receiver"])
