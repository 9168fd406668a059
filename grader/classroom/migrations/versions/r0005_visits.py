"""The marking page notes who has opened which hand-in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "visits",
        sa.Column("visitor", sa.String(), primary_key=True, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("student", sa.String(), sa.ForeignKey("students.student"), nullable=False),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("exercise", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
    )
