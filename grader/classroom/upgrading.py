"""Brings a gradebook to the revision that this grader uses, inside the transaction of whoever opens it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]
SCHEMA = "grader.gradebook/3"
_EARLIER = {"grader.gradebook/2"}
_BEFORE_REVISIONS = {"grader.gradebook/1": "0001"}  # the schema of gradebooks that do not know their revision
_TABLE = "alembic_version"


def revision_of(connection: Connection, schema: str) -> str:
    """Return the revision of a gradebook with some schema, "" if this grader does not know it."""
    if schema not in {SCHEMA, *_EARLIER, *_BEFORE_REVISIONS}:
        return ""
    if not inspect(connection).has_table(_TABLE):
        return _BEFORE_REVISIONS.get(schema, "")
    found = connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar()
    return found if found in REVISIONS else ""


def upgrade(connection: Connection, revision: str) -> None:
    """Bring a gradebook from its revision, or an empty file for "", to `HEAD`. Nothing is committed."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    place = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", place.replace("%", "%%"))  # `%` would begin a variable
    config.attributes["connection"] = connection
    if revision:
        command.stamp(config, revision)
    command.upgrade(config, HEAD)
