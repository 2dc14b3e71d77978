"""How a routing slip was taken from a person, being held up among it, and what goes on; every view is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
EMPTIED = (
    "view_records", "view_words", "view_slips", "view_slip_counts", "view_slip_people", "view_inbox", "view_mail",
    "view_list", "view_deputies",
)  # fmt: skip


def upgrade() -> None:
    for table in EMPTIED:
        op.execute(sa.delete(sa.table(table)))
    op.execute(sa.delete(sa.table("subscribers", sa.column("name"))).where(sa.column("name") == "views"))
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.drop_column("view_slip_people", "skipped")
    op.add_column("view_slip_people", sa.Column("taken_how", text, nullable=False, server_default=""))
    op.add_column("view_inbox", sa.Column("resumed", sa.Boolean(), nullable=False, server_default=sa.false()))
