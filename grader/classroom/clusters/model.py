"""What students of a class have in common whose mistakes have no name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.records import Key


class Closest(NamedTuple):
    """The known mistake that is most like a group's: on which share of the calls where either is wrong they agree."""

    variant: str
    title: str
    share: float


class Cluster(NamedTuple):
    """Students whose functions answer alike on the same inputs, up to the tolerance of checks.

    `name` is `EXERCISE-` and a hash of what the group shares: the same for the same hand-ins. `check` is the title of
    the first check that fails, and `message` what it said to the member that `code` comes from. `code` is the shortest
    function of the group without what it does not need, in names of ours; it is empty if it cannot be shown without
    names of a student's. `edit` says which single edit makes the solution answer as the group does, and `edited` is the
    solution with that edit; both are empty if there is none. `raises` is the type of the error if one type ends every
    wrong call, else empty.
    """

    name: str
    exercise: Key
    students: Sequence[str]
    check: str
    hidden: bool
    message: str
    code: str
    edit: str
    edited: str
    raises: str
    closest: Closest | None

    @property
    def is_known(self) -> bool:
        """Whether a known mistake answers every call as this group does."""
        return self.closest is not None and self.closest.share == 1

    @property
    def is_adoptable(self) -> bool:
        """Whether it can become a known mistake: what only crashes explains itself."""
        return bool(self.code or self.edit) and not (self.is_known or self.raises)


class ClassClusters(NamedTuple):
    """The groups of a class, the largest first; `left_out` are sentences on what could not be grouped.

    With `everyone`, students with known mistakes are among them.
    """

    course: str
    clusters: Sequence[Cluster]
    left_out: Sequence[str]
    everyone: bool = False

    @property
    def students(self) -> int:
        """How many students are in any of the groups."""
        return len({student for cluster in self.clusters for student in cluster.students})

    @property
    def sentence(self) -> str:
        """How many students are in how many groups."""
        of_what = "fails" if self.everyone else "fails with a mistake that this course has no name for"
        if not self.clusters:
            return f"Nobody {of_what}."
        if self.students == 1:
            return f"1 student {of_what}."
        kinds = "all in the same way" if len(self.clusters) == 1 else f"in {len(self.clusters)} different ways"
        return f"{self.students} students {of_what.replace('fails', 'fail').replace('a mistake', 'mistakes')}, {kinds}."
