"""Whether a member of a panel fills in sheets: drawn ones do, appointed ones where the rulebook says so."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("panel_member", sa.Column("scores", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE panel_member SET scores = false WHERE kind = 'appointed'")
    op.alter_column("panel_member", "scores", server_default=None)


def downgrade() -> None:
    """Take back."""
    op.drop_column("panel_member", "scores")
