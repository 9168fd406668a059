"""How gradebooks of earlier graders become ones of this: one revision a change, run by Alembic."""
