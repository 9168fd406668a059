"""Grades a folder of hand-ins into a gradebook file, and says what became of them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import find_handins
from grader.classroom.libraries import computing_libraries
from grader.classroom.run import grade_class
from grader.jobs import Settings, usable_cores
from grader.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from grader.classroom.run import Summary
    from grader.course.model import Course
    from grader.grading import Conditions


class Batch(NamedTuple):
    """What a run over a folder did, which entries of the folder are not hand-ins, and the gradebook it wrote."""

    summary: Summary
    ignored: Sequence[str]
    gradebook: Path


def grade_folder(
    course: Course,
    folder: Path,
    gradebook: Path,
    conditions: Conditions,
    names: Sequence[str] = (),
    jobs: int | None = None,
    *,
    regrade: bool = False,
) -> Batch:
    """Grade what is missing or has changed, or everything to `regrade`.

    `names` are exercises or lessons, `jobs` is the number of processes, one a core for None.

    Raises:
        UsageError: there are no hand-ins, the gradebook cannot be written, is another course's or was begun with other
            libraries, a name or a rubric is wrong, or strict isolation cannot be had.
    """
    settings = Settings(course.root, tuple(exercise.key for exercise in course.select(names)), *conditions)
    handins, ignored = find_handins(folder)
    book = Gradebook.create(gradebook, course.name, computing_libraries(), regrade=regrade)
    with closing(book), progress(len(handins), time_left=True) as finished:
        summary = grade_class(course, handins, book, settings, jobs or usable_cores(), finished, regrade=regrade)
    return Batch(summary, ignored, gradebook)


def drawn(batch: Batch) -> RenderableType:
    """Return what a run did: every student who got no marks with the reason, and what comes next."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    done = batch.summary
    counted = [f"{len(done.graded)} graded"]
    counted += [f"{len(done.unchanged)} unchanged since they were graded"] if done.unchanged else []
    counted += [f"{len(done.problems)} could not be graded"] if done.problems else []
    counted += [f"the grader broke on {len(done.broken)}"] if done.broken else []
    lines: list[RenderableType] = [Text(f"Hand-ins: {', '.join(counted)}.", "bold")]
    for about, style in ((done.problems, "red"), (done.broken, "magenta")):
        if about:
            table = Table.grid(padding=(0, 2))
            for student, sentence in about.items():
                table.add_row(Text(student, style), Text(sentence))
            lines.append(Padding(table, (0, 0, 0, 2)))
    if batch.ignored:
        lines.append(Text(f"Not hand-ins, so ignored: {', '.join(batch.ignored)}.", "dim"))
    if done.broken:
        lines.append(Text("An error in the grader is never scored as zero: run the same command again.", "magenta"))
    lines.append(Text(f"Next: grade export --gradebook {batch.gradebook} --format html -o class.html", "dim"))
    return Group(*lines)
