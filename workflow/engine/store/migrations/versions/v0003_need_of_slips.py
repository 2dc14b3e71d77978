"""Routing slips with the need of their record, counts by need, who takes part, deputies; every view is made anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
KEPT = ("view_inbox", "view_list", "view_mail", "view_words")


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for table in ("view_records", "view_slips", "view_slip_counts"):
        op.drop_table(table)
    for table in KEPT:
        op.execute(sa.delete(sa.table(table)))
    op.execute(sa.delete(sa.table("subscribers", sa.column("name"))).where(sa.column("name") == "views"))
    op.create_table(
        "view_deputies",
        sa.Column("stream", text, primary_key=True),
        sa.Column("appointment", text, primary_key=True),
        sa.Column("user", text, nullable=False),
        sa.Column("deputy", text, nullable=False),
        sa.Column("since", text, nullable=False),
        sa.Column("until", text, nullable=False),
    )
    op.create_index("view_deputies_by_deputy", "view_deputies", ["deputy"])
    op.create_table(
        "view_records",
        sa.Column("stream", text, primary_key=True),
        sa.Column("authority", text, nullable=False),
        sa.Column("file_number", text, nullable=False),
        sa.Column("title", text, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("protection", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
    )
    op.create_index("view_records_by_authority", "view_records", ["authority", "file_number", "stream"])
    op.create_index("view_records_by_offer", "view_records", ["offered", "file_number", "stream"])
    op.create_table(
        "view_slip_counts",
        sa.Column("authority", text, primary_key=True),
        sa.Column("state", text, primary_key=True),
        sa.Column("protection", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "view_slip_people",
        sa.Column("stream", text, primary_key=True),
        sa.Column("user", text, primary_key=True),
        sa.Column("authority", text, nullable=False),
    )
    op.create_index("view_slip_people_by_user", "view_slip_people", ["user", "authority", "stream"])
    op.create_table(
        "view_slips",
        sa.Column("stream", text, primary_key=True),
        sa.Column("authority", text, nullable=False),
        sa.Column("title", text, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("owner", text, nullable=False),
        sa.Column("record", text, nullable=True),
        sa.Column("protection", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("stations", sa.Integer(), nullable=False),
        sa.Column("waiting_for", text, nullable=False),
        sa.Column("deadline", text, nullable=False),
        sa.Column("own_protection", sa.Integer(), nullable=False),
    )
    op.create_index("view_slips_by_deadline", "view_slips", ["authority", "deadline", "stream", "protection"])
    op.create_index("view_slips_by_record", "view_slips", ["record"])
    op.create_index("view_slips_by_state", "view_slips", ["authority", "state", "deadline", "stream", "protection"])
