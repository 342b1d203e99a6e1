"""receipts_and_messages."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("case_receipt", "cases", ["receipt_digest"])
    op.create_table(
        "message",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("template", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("message_inbox", "message", ["recipient_id", "sent_at"])
    op.create_index("message_of_case", "message", ["case_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("message")
    op.drop_index("case_receipt", "cases")
