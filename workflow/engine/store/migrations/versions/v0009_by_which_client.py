"""By which client the stations of routing slips were done, summed for the cockpit; every view is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
NUMBERS = ("done_by_outlook", "done_by_web", "done_by_other")
EMPTIED = (
    "view_records", "view_words", "view_slips", "view_slip_counts", "view_slip_people", "view_inbox", "view_mail",
    "view_list", "view_deputies",
)  # fmt: skip


def upgrade() -> None:
    for table in EMPTIED:
        op.execute(sa.delete(sa.table(table)))
    op.execute(sa.delete(sa.table("subscribers", sa.column("name"))).where(sa.column("name") == "views"))
    for table in ("view_slips", "view_slip_counts"):
        for name in NUMBERS:
            op.add_column(table, sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
