"""Receivers of events outside, and what could not be delivered to them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    big = sa.BigInteger()
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "receivers",
        sa.Column("name", text, primary_key=True),
        sa.Column("position", big, nullable=False),
        sa.Column("at", text, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("why", text, nullable=True),
    )
    op.create_table(
        "dead_letters",
        sa.Column("receiver", text, primary_key=True),
        sa.Column("position", big, primary_key=True, autoincrement=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", text, nullable=False),
        sa.Column("why", text, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
    )
