"""Evidence: uploads in parts, editions, pages, what the virus scanner said."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("evidence", sa.Column("upload_id", sa.String(), nullable=True))
    op.add_column("evidence", sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("evidence", "edition", server_default=None)
    op.add_column("evidence", sa.Column("replaces", sa.Uuid(), nullable=True))
    op.add_column("evidence", sa.Column("pages", sa.Integer(), nullable=True))
    op.add_column("evidence", sa.Column("scan", sa.String(), nullable=True))
    op.add_column("evidence", sa.Column("scanned_by", sa.String(), nullable=True))


def downgrade() -> None:
    """Take back."""
    for column in ("scanned_by", "scan", "pages", "replaces", "edition", "upload_id"):
        op.drop_column("evidence", column)
