"""What is asked for when a course is released to a platform."""

from __future__ import annotations

from typing import Literal, NamedTuple

Platform = Literal["github", "gitlab", "gradescope", "classroom50"]


class Wanted(NamedTuple):
    """Which exercises (all for none) a platform grades, and how.

    `isolation` says whether an autograder refuses to run where the kernel has no Landlock. Of more than `attempts`
    submissions the later ones are not graded; with `count_hidden` students read how many hidden checks passed.
    """

    names: tuple[str, ...] = ()
    isolation: Literal["strict", "auto"] = "strict"
    attempts: int | None = None
    count_hidden: bool = False
