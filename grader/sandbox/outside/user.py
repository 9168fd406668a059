"""Another user of this machine, whose processes run submissions: only root can start them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.sandbox.inside.confinement import APART

if TYPE_CHECKING:
    from pathlib import Path


class User(NamedTuple):
    """A user by numbers."""

    uid: int
    gid: int


def started_as(user: User | None) -> dict[str, Any]:
    """Return the keywords by which `subprocess.Popen` starts a process of a user, none for our own."""
    return {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}


def told_of(user: User | None) -> dict[str, str]:
    """Return what such a process finds in its environment, so that it hides its memory from its own workers."""
    return {APART: "1"} if user else {}


def give(user: User | None, *paths: Path) -> None:
    """Make files and folders a user's own, unless it is ours."""
    if user is not None:
        for path in paths:
            os.chown(path, *user)
