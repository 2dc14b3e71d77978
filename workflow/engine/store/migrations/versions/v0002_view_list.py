"""A list of things of other rooms, scan batches first."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "view_list",
        sa.Column("stream", text, primary_key=True),
        sa.Column("category", text, nullable=False),
        sa.Column("authority", text, nullable=False),
        sa.Column("guest", text, nullable=True),
        sa.Column("title", text, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("protection", sa.Integer(), nullable=False),
        sa.Column("detail", text, nullable=False),
    )
    op.create_index("view_list_by_authority", "view_list", ["category", "authority", "state", "stream"])
    op.create_index("view_list_by_guest", "view_list", ["category", "guest", "stream"])
