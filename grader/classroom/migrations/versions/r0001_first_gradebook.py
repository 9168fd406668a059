"""The gradebook as graders made it before revisions were counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of an empty gradebook."""
    op.create_table(
        "about",
        sa.Column("key", sa.String(), primary_key=True, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.create_table(
        "students",
        sa.Column("student", sa.String(), primary_key=True, nullable=False),
        sa.Column("handin", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
    )
    op.create_table(
        "results",
        sa.Column("student", sa.String(), primary_key=True, nullable=False),
        sa.Column("lesson", sa.String(), primary_key=True, nullable=False),
        sa.Column("exercise", sa.String(), primary_key=True, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("isolation", sa.String(), nullable=False),
        sa.Column("graded_at", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["student"], ["students.student"]),
    )
