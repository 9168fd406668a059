"""Every hand-in becomes an attempt, and people's decisions get tables of their own.

What was one row a student becomes the student and an attempt. Somebody whose latest hand-in could not be read, while an
earlier one was graded, gets two: the earlier one, of which only the results are known, and the one with the problem.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, and move into them what the gradebook knows."""
    op.rename_table("students", "students_0003")
    op.rename_table("results", "results_0003")
    _make_tables()
    op.execute("INSERT INTO students (student, name) SELECT student, name FROM students_0003")
    op.execute(
        "INSERT INTO attempts (student, number, handin, sha256, problem, submitted_at, late, received_at) "
        "SELECT student, 1, CASE status WHEN 'graded' THEN handin ELSE 'an earlier hand-in' END, sha256, '', "
        "CASE status WHEN 'graded' THEN submitted_at END, CASE status WHEN 'graded' THEN late END, "
        "COALESCE((SELECT min(graded_at) FROM results_0003 AS r WHERE r.student = s.student), '') "
        "FROM students_0003 AS s "
        "WHERE status = 'graded' OR EXISTS (SELECT 1 FROM results_0003 AS r WHERE r.student = s.student)"
    )
    op.execute(
        "INSERT INTO results (attempt_id, lesson, exercise, fingerprint, made_of, outcome, points, max_points, "
        "written, seconds, isolation, graded_at, code, result) "
        "SELECT a.id, r.lesson, r.exercise, r.fingerprint, '', r.outcome, r.points, r.max_points, true, r.seconds, "
        "r.isolation, r.graded_at, '{}', r.result FROM results_0003 AS r JOIN attempts AS a ON a.student = r.student"
    )
    op.execute(
        "INSERT INTO attempts (student, number, handin, sha256, problem, submitted_at, late, received_at) "
        "SELECT student, 1 + (SELECT count(*) FROM attempts AS a WHERE a.student = s.student), handin, sha256, "
        "problem, submitted_at, late, '' FROM students_0003 AS s WHERE status = 'unreadable'"
    )
    op.drop_table("results_0003")
    op.drop_table("students_0003")
    op.execute("UPDATE about SET value = 'grader.gradebook/3' WHERE key = 'schema'")


def _make_tables() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("began_at", sa.String(), nullable=False),
        sa.Column("ended_at", sa.String(), nullable=True),
        sa.Column("grader", sa.String(), nullable=False),
        sa.Column("libraries", sa.String(), nullable=False),
        sa.Column("download", sa.String(), nullable=False),
    )
    op.create_table(
        "students",
        sa.Column("student", sa.String(), primary_key=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("groups", sa.String(), nullable=False, server_default=""),
        sa.Column("left_at", sa.String(), nullable=True),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("student", sa.String(), sa.ForeignKey("students.student"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("handin", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.String(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=True),
        sa.Column("received_at", sa.String(), nullable=False),
        sa.Column("members", sa.String(), nullable=False, server_default=""),
        sa.UniqueConstraint("student", "number"),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("attempt_id", sa.Integer(), sa.ForeignKey("attempts.id"), nullable=False),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=True),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("exercise", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("isolation", sa.String(), nullable=False),
        sa.Column("graded_at", sa.String(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
    )
    op.create_index("results_of_attempt", "results", ["attempt_id"])
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(), primary_key=True, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    _make_tables_of_decisions()


def _make_tables_of_decisions() -> None:
    decided: dict[str, list[sa.Column[Any]]] = {
        "hand_marks": [
            sa.Column("criterion", sa.String(), nullable=False),
            sa.Column("points", sa.Double(), nullable=True),
            sa.Column("why", sa.Text(), nullable=False),
            sa.Column("author", sa.String(), nullable=False),
            sa.Column("given_at", sa.String(), nullable=False),
            sa.Column("attempt", sa.Integer(), nullable=True),
            sa.Column("automatic", sa.Double(), nullable=True),
        ],
        "comments": [
            sa.Column("attempt", sa.Integer(), nullable=True),
            sa.Column("path", sa.String(), nullable=False),
            sa.Column("line", sa.Integer(), nullable=True),
            sa.Column("text", sa.Text(), nullable=False),
            sa.Column("author", sa.String(), nullable=False),
            sa.Column("given_at", sa.String(), nullable=False),
            sa.Column("removed_at", sa.String(), nullable=True),
        ],
        "choices": [
            sa.Column("attempt", sa.Integer(), nullable=True),
            sa.Column("why", sa.Text(), nullable=False),
            sa.Column("author", sa.String(), nullable=False),
            sa.Column("given_at", sa.String(), nullable=False),
        ],
    }
    for name, columns in decided.items():
        op.create_table(
            name,
            sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
            sa.Column("student", sa.String(), sa.ForeignKey("students.student"), nullable=False),
            sa.Column("lesson", sa.String(), nullable=False),
            sa.Column("exercise", sa.String(), nullable=False),
            *columns,
        )
        op.create_index(f"{name}_of_student", name, ["student"])
    op.create_table(
        "deletions",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("deleted_at", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
    )
