"""A contest quotes the evidence of what it contests, so that a tie recorded anew with other evidence holds again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. A contest of what has no tie of its own is to be contested anew: until then the conflict holds."""
    op.add_column("conflict_contest", sa.Column("evidence", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE conflict_contest SET evidence = tie.evidence FROM expert_tie AS tie"
        " WHERE tie.expert_id = conflict_contest.expert_id AND tie.kind = conflict_contest.kind"
        " AND tie.credit_code = conflict_contest.credit_code AND tie.recorded_at <= conflict_contest.contested_at"
    )
    op.alter_column("conflict_contest", "evidence", server_default=None)


def downgrade() -> None:
    """Take back."""
    op.drop_column("conflict_contest", "evidence")
