"""Up to when each person has seen, or was sent, what is new."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "seen",
        sa.Column("user", text, primary_key=True),
        sa.Column("way", text, primary_key=True),
        sa.Column("until", text, nullable=False),
    )
