"""Whose unit a slip's is, what waits by words of any case, mail with all that its list shows; views are made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
TEXTS = {"view_slips": ("unit_authority",), "view_inbox": ("folded",), "view_mail": ("folder", "sender")}
EMPTIED = (
    "view_records", "view_words", "view_slips", "view_slip_counts", "view_slip_people", "view_inbox", "view_mail",
    "view_list", "view_deputies",
)  # fmt: skip
BY_UNIT = ["authority", "state", "unit", "started", "deadline", "protection", "unit_authority"]


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for table in EMPTIED:
        op.execute(sa.delete(sa.table(table)))
    op.execute(sa.delete(sa.table("subscribers", sa.column("name"))).where(sa.column("name") == "views"))
    for table, names in TEXTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, text, nullable=False, server_default=""))
    op.add_column("view_mail", sa.Column("need", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("view_slips_by_unit", "view_slips")
    op.create_index("view_slips_by_unit", "view_slips", BY_UNIT)
    op.drop_index("view_mail_by_unit", "view_mail")
    op.create_index("view_mail_by_person", "view_mail", ["assigned_to", "state", "stream", "item"])
