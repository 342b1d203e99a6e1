"""receipts_by_digest."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("case_receipt", "cases", ["receipt_digest"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("case_receipt", "cases")
