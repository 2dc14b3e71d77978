"""Words in the text of documents."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "document_words",
        sa.Column("word", text, primary_key=True),
        sa.Column("stream", text, primary_key=True),
        sa.Column("document", text, primary_key=True),
        sa.Column("page", sa.Integer(), nullable=False),
    )
    op.create_index("document_words_by_stream", "document_words", ["stream", "document", "word"])
