"""What was fetched: which commit of which repository is whose, kept beside the hand-ins until they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.atomic import write_atomically
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "grader.repositories/1"
NAME = "repositories.json"
HANDINS, ROSTER = "handins", "roster.csv"


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One repository: whose it is, its full name, and the commit that was fetched, or why none was."""

    student: str
    repository: str
    commit: str = ""
    submitted_at: str | None = None
    problem: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All repositories of a class at one moment."""

    schema: str = SCHEMA
    repositories: tuple[Fetched, ...] = ()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what was fetched into its folder."""
    write_atomically(folder / NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Return what was fetched into a folder; raise `UsageError` if nothing was."""
    path, remedy = folder / NAME, "fetch the class with `grade repositories fetch`."
    try:
        with reading(path, remedy):
            found = msgspec.json.decode(path.read_bytes(), type=Manifest)
        if found.schema != SCHEMA:
            raise ValueError(f'its schema is "{found.schema}"')
    except ValueError as error:  # every error of msgspec is a ValueError
        raise UsageError(f"{path} cannot be read ({error}): {remedy}") from error
    return found
