"""A gradebook has a secret that the inputs of its checks are drawn with.

One of an earlier grader gets none: its marks were made on the inputs that are the same everywhere, and the next
student's must be, too.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Give the gradebook an empty secret, which stands for the inputs that are the same everywhere."""
    op.execute("INSERT INTO about (key, value) VALUES ('secret', '')")
