"""The hosts of repositories by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.classroom.repositories.forge import Forge


def forge_of(host: str) -> Forge:
    """Return a host, with the token from the environment; raise `UsageError` if there is none."""
    if host == "gitlab":
        from grader.classroom.repositories.gitlab import GitLab

        return GitLab()
    from grader.classroom.repositories.github import GitHub

    return GitHub()
