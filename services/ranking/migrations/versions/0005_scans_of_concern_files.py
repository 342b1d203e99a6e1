"""What the scanner said of a file given with a concern."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    text = sqlmodel.sql.sqltypes.AutoString
    op.add_column("concern_file", sa.Column("scan", text(), nullable=False, server_default="none"))
    op.alter_column("concern_file", "scan", server_default=None)
    op.add_column("concern_file", sa.Column("scanned_by", text(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("concern_file", "scanned_by")
    op.drop_column("concern_file", "scan")
