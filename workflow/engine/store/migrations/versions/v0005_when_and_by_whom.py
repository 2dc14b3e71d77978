"""Routing slips with their unit and days, what waits with when and from whom it came; every view is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
COLUMNS = {
    "view_records": ("unit",),
    "view_slips": ("unit", "started", "ended"),
    "view_inbox": ("since", "sender"),
}
EMPTIED = (*COLUMNS, "view_words", "view_slip_counts", "view_slip_people", "view_mail", "view_list", "view_deputies")
INDEXES = (
    ("view_slips_by_unit", "view_slips", ["authority", "state", "unit", "started", "deadline", "protection"]),
    ("view_slips_by_start", "view_slips", ["authority", "started", "protection"]),
    ("view_slips_by_end", "view_slips", ["authority", "ended", "state", "protection"]),
    ("view_inbox_by_authority", "view_inbox", ["authority", "user", "what", "deadline", "protection", "stream"]),
    ("view_mail_by_state", "view_mail", ["authority", "state", "stream", "item"]),
)


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for table in EMPTIED:
        op.execute(sa.delete(sa.table(table)))
    op.execute(sa.delete(sa.table("subscribers", sa.column("name"))).where(sa.column("name") == "views"))
    for table, names in COLUMNS.items():
        for name in names:
            op.add_column(table, sa.Column(name, text, nullable=False, server_default=""))
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
