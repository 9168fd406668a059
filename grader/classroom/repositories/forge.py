"""What a host of repositories must be able to do, and what is fetched from it and told to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

Outcome = Literal["success", "failure", "neutral"]


class Hosted(NamedTuple):
    """A student's repository: its full name there, where git fetches it, and the branch that is graded.

    `header` is what git must send to be let in, "" for nothing; it is a secret.
    """

    name: str
    url: str
    branch: str
    header: str = ""


class Report(NamedTuple):
    """What a student is told about a commit: one line, and Markdown."""

    title: str
    text: str
    outcome: Outcome


class Forge(Protocol):
    """A host of repositories, as its owner's program sees it."""

    def repositories(self, owner: str, prefix: str) -> Iterator[Hosted]:
        """Yield the repositories of an owner whose names begin with `prefix`."""

    def pushed_at(self, repository: Hosted, commit: str) -> str | None:
        """Return by the host's own clock when a commit came to its branch, None if it does not say.

        The times in a commit are whatever its author wrote.
        """

    def tell(self, repository: str, commit: str, report: Report) -> bool:
        """Tell whoever may see a repository about a commit; return whether that was new."""
