"""When a routing slip was taken from a person before they had acted; every view is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
EMPTIED = (
    "view_records", "view_words", "view_slips", "view_slip_counts", "view_slip_people", "view_inbox", "view_mail",
    "view_list", "view_deputies",
)  # fmt: skip


def upgrade() -> None:
    for table in EMPTIED:
        op.execute(sa.delete(sa.table(table)))
    op.execute(sa.delete(sa.table("subscribers", sa.column("name"))).where(sa.column("name") == "views"))
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for name in ("taken", "taken_by"):
        op.add_column("view_slip_people", sa.Column(name, text, nullable=False, server_default=""))
    op.add_column("view_slip_people", sa.Column("skipped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("view_slip_people_by_taken", "view_slip_people", ["user", "taken"])
