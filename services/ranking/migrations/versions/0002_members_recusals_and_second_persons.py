"""Members of the committee, recusals apart from the meeting, rulings by two persons."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "member",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("seat"),
    )
    op.create_table(
        "recusal",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seat"),
    )
    op.create_index(op.f("ix_recusal_category_id"), "recusal", ["category_id"], unique=False)
    op.create_index(op.f("ix_recusal_seat"), "recusal", ["seat"], unique=False)
    op.add_column("concern_ruling", sa.Column("proposed_by", sa.Uuid(), nullable=True))
    op.add_column("concern_ruling", sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE concern_ruling SET proposed_by = ruled_by, proposed_at = ruled_at")
    op.alter_column("concern_ruling", "proposed_at", nullable=False)
    op.alter_column("concern_ruling", "ruled_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=True)
    op.add_column(
        "confirmation",
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'")),
    )
    op.alter_column("confirmation", "lines", server_default=None)
    op.execute(
        "INSERT INTO recusal (case_id, seat, category_id, reason, recorded_by, recorded_at)"
        " SELECT (one->>'case')::uuid, one->>'seat', category_id, one->>'reason', recorded_by, recorded_at"
        " FROM meeting JOIN stage_progress USING (stage_id), jsonb_array_elements(recusals) AS one"
        " ON CONFLICT DO NOTHING"
    )
    op.drop_column("meeting", "recusals")


def downgrade() -> None:
    """Take back."""
    op.add_column(
        "meeting",
        sa.Column("recusals", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'[]'")),
    )
    op.alter_column("meeting", "recusals", server_default=None)
    op.drop_column("confirmation", "lines")
    op.execute("DELETE FROM concern_ruling WHERE ruled_at IS NULL")
    op.alter_column("concern_ruling", "ruled_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=False)
    op.drop_column("concern_ruling", "proposed_at")
    op.drop_column("concern_ruling", "proposed_by")
    op.drop_index(op.f("ix_recusal_seat"), table_name="recusal")
    op.drop_index(op.f("ix_recusal_category_id"), table_name="recusal")
    op.drop_table("recusal")
    op.drop_table("member")
