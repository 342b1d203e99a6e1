"""the echo table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "echo",
        sa.Column("case_id", sa.Uuid(), primary_key=True),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("worked", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("echo")
