"""The log, its timers and subscribers, and the views."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "events",
        sa.Column("position", big, primary_key=True, autoincrement=False),
        sa.Column("stream", text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", text, nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("time", text, nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("on_behalf_of", text, nullable=True),
        sa.Column("command_id", text, nullable=False),
        sa.Column("command_digest", text, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("payload", text, nullable=True),
        sa.Column("salt", text, nullable=True),
        sa.Column("payload_digest", text, nullable=False),
        sa.Column("hash", text, nullable=False),
        sa.UniqueConstraint("stream", "version"),
        sa.UniqueConstraint("command_id", "ordinal"),
    )
    op.create_table(
        "subscribers",
        sa.Column("name", text, primary_key=True),
        sa.Column("position", big, nullable=False),
    )
    op.create_table(
        "timers",
        sa.Column("stream", text, primary_key=True),
        sa.Column("key", text, primary_key=True),
        sa.Column("at", text, nullable=False),
        sa.Column("refused", text, nullable=True),
    )
    op.create_index("timers_by_time", "timers", ["at", "stream", "key"])
    op.create_table(
        "view_inbox",
        sa.Column("stream", text, primary_key=True),
        sa.Column("item", text, primary_key=True),
        sa.Column("user", text, nullable=False),
        sa.Column("authority", text, nullable=False),
        sa.Column("what", text, nullable=False),
        sa.Column("title", text, nullable=False),
        sa.Column("deadline", text, nullable=False),
        sa.Column("protection", sa.Integer(), nullable=False),
    )
    op.create_index("view_inbox_by_user", "view_inbox", ["user", "deadline", "stream", "item"])
    op.create_table(
        "view_mail",
        sa.Column("stream", text, primary_key=True),
        sa.Column("item", text, primary_key=True),
        sa.Column("authority", text, nullable=False),
        sa.Column("unit", text, nullable=False),
        sa.Column("title", text, nullable=False),
        sa.Column("channel", text, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("assigned_to", text, nullable=True),
        sa.Column("protection", sa.Integer(), nullable=False),
    )
    op.create_index("view_mail_by_unit", "view_mail", ["authority", "unit", "state", "stream", "item"])
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
    )
    op.create_index("view_records_by_authority", "view_records", ["authority", "file_number", "stream"])
    op.create_table(
        "view_slip_counts",
        sa.Column("authority", text, primary_key=True),
        sa.Column("state", text, primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )
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
    )
    op.create_index("view_slips_by_deadline", "view_slips", ["authority", "deadline", "stream"])
    op.create_index("view_slips_by_state", "view_slips", ["authority", "state", "deadline", "stream"])
    op.create_table(
        "view_words",
        sa.Column("word", text, primary_key=True),
        sa.Column("stream", text, primary_key=True),
    )
    op.create_index("view_words_by_stream", "view_words", ["stream", "word"])
