"""One verdict at a desk: asked of a judge, and remembered if it is on the work in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.desk.remembering import fingerprints, remember
from grader.report.failures import unwritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.outline import Outline
    from grader.desk.remembering import Change
    from grader.desk.request import Request
    from grader.results import Verdict


class Answered(NamedTuple):
    """A verdict, and what it has changed; None if it was not on the work in place, on the tiny model."""

    verdict: Verdict
    change: Change | None


def answered(outline: Outline, asked: Request, judge: Callable[[Request], Verdict]) -> Answered:
    """Ask a judge, and remember what it says of the work in place."""
    if asked.submission is not None or asked.cells is not None:
        return Answered(judge(asked), None)
    made_of = fingerprints(outline.select(asked.exercises))
    verdict = judge(asked)
    return Answered(verdict, remember(outline, verdict, made_of) if verdict.tier == "cpu" else None)


def what_changed(answered: Answered, left_out: int = 0) -> list[str]:
    """Return sentences to say after a verdict: what was left out and mended, what to do now, and if all is done."""
    change, said = answered.change, []
    if left_out:
        said.append(f"Stopped at the first exercise that did not pass: {left_out} more were not graded.")
    if change is None:
        return said
    if change.mended:
        said.append(f"Mended: {change.mended} check{'' if change.mended == 1 else 's'} that failed before.")
    exercises = answered.verdict.exercises
    if len(exercises) == 1 and unwritten(exercises[0]):
        said.append(where_to_write(exercises[0].lesson, exercises[0].name))
    if change.offer:
        said.append(change.offer)
    if change.complete:
        said.append("All exercises of the course have passed.")
    return said


def where_to_write(lesson: str, name: str) -> str:
    """Return where an exercise is written, as a sentence."""
    return f"Open exercises/{lesson}/{name}.py: its docstring says what to write."
