"""Gives hints one at a time, and counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.course.hints import hints_of
from grader.desk.progress_file import read_progress, update_progress

if TYPE_CHECKING:
    from grader.course.sources import ExerciseFiles
    from grader.desk.progress_file import Progress


class Hints(NamedTuple):
    """The hints for an exercise that were taken so far, and how many are written."""

    exercise: str
    taken: tuple[str, ...]
    written: int

    @property
    def left(self) -> int:
        """How many have not been taken."""
        return self.written - len(self.taken)


def take_hint(exercise: ExerciseFiles) -> Hints:
    """Return the hints that were taken before and one more, and count it.

    Raises:
        UsageError: the lesson's file of hints is wrong.
    """
    hints = hints_of(exercise)
    taken = min(read_progress(exercise.root).hints.get(exercise.key, 0) + 1, len(hints))

    def counted(progress: Progress) -> Progress:
        return msgspec.structs.replace(progress, hints={**progress.hints, exercise.key: taken})

    if taken:
        update_progress(exercise.root, counted)
    return Hints(exercise.name, hints[:taken], len(hints))


def in_words(hints: Hints, one_more: str = "") -> str:
    """Return the hints as text, the newest last, and what can be done after them; `one_more` says how to get one."""
    if not hints.written:
        return f"There are no hints for {hints.exercise}: read the statement again, and the lesson's page."
    lines = [f"Hint {number} of {hints.written}: {hint}" for number, hint in enumerate(hints.taken, 1)]
    if hints.left:
        lines.append(one_more or f"For the next one, run `grade hint {hints.exercise}` again.")
    else:
        lines.append("That was the last one.")
    return "\n\n".join(lines)
