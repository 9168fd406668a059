"""Grades a download of hand-ins into a gradebook file, and says what became of them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import find_class
from grader.classroom.libraries import computing_libraries
from grader.classroom.platforms.download import opened
from grader.classroom.platforms.platform import Person, letters
from grader.classroom.run import grade_class
from grader.course.seeds import REPEATABLE, Seeds
from grader.errors import UsageError
from grader.jobs import Settings, usable_cores
from grader.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from grader.classroom.handins import Class
    from grader.classroom.platforms.platform import Platform
    from grader.classroom.run import Summary
    from grader.course.model import Course
    from grader.grading import Conditions


class Batch(NamedTuple):
    """What a run over a download did, what it found there, who handed in nothing, and the gradebook it wrote."""

    summary: Summary
    found: Class
    absent: Sequence[str]
    gradebook: Path

    @property
    def ignored(self) -> Sequence[str]:
        """The names of what in the download is not a hand-in."""
        return self.found.ignored


def grade_download(
    course: Course,
    path: Path,
    gradebook: Path,
    conditions: Conditions,
    names: Sequence[str] = (),
    jobs: int | None = None,
    *,
    platform: str | Platform | None = None,
    roster: Path | None = None,
    regrade: bool = False,
) -> Batch:
    """Grade what is missing or has changed in a folder or an archive, or everything to `regrade`.

    `names` are exercises or lessons, `jobs` is the number of processes, one a core for None. Without a `platform`, it
    is recognised. Who is in the file `roster` and handed in nothing gets a row of the gradebook.

    Raises:
        UsageError: there are no hand-ins, the roster cannot be read, the gradebook cannot be written, is another
            course's or was begun with other libraries, a name or a rubric is wrong, or strict isolation cannot be had.
    """
    exercises = tuple(exercise.key for exercise in course.select(names))
    with opened(path) as download:
        found = find_class(download, platform, roster)
        book = Gradebook.create(gradebook, course.name, computing_libraries(), regrade=regrade)
        _refuse_others(book, found, gradebook)
        with closing(book), progress(len(found.handins), time_left=True) as finished:
            if conditions.seeds == REPEATABLE:
                conditions = conditions._replace(seeds=Seeds(secret=book.secret))
            settings = Settings(course.root, exercises, *conditions)
            summary = grade_class(
                course, found.handins, book, settings, jobs or usable_cores(), finished, regrade=regrade
            )
            absent = [Person(each.student, each.name).label for each in book.store_absent(found.absent)]
    return Batch(summary, found, absent, gradebook)


def _refuse_others(book: Gradebook, found: Class, path: Path) -> None:
    """Refuse a download in which a number is another person's than in the gradebook: it is of another assignment.

    A name that ends with the number is one that Moodle has hidden.
    """
    if not found.platform.digits:
        return
    known = book.names()
    for person in (person for handin in found.handins for person in handin.people):
        name = known.get(person.key, person.name)
        hidden = any(each.endswith(person.key) for each in (name, person.name))
        if not hidden and letters(name) != letters(person.name):
            raise UsageError(
                f"{person.key} is {name} in {path} and {person.name} in this download: {found.platform.title} numbers "
                "people anew in every assignment, so use one gradebook for each."
            )


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
    counted += [f"{len(batch.absent)} handed in nothing"] if batch.absent else []
    lines: list[RenderableType] = [Text(f"Hand-ins: {', '.join(counted)}.", "bold")]
    if batch.found.platform.columns:  # a platform, and not any folder
        lines.insert(0, Text(f"Read as a download from {batch.found.platform.title}."))
    for remark in (*batch.found.remarks, *done.remarks):
        lines.append(Text(remark, "dim"))
    if batch.absent:
        lines.append(Text(f"Handed in nothing: {', '.join(batch.absent)}."))
    if batch.ignored:
        lines.append(Text(f"Not hand-ins, so ignored: {', '.join(batch.ignored)}.", "dim"))
    for about, style in ((done.problems, "red"), (done.broken, "magenta")):
        if about:
            table = Table.grid(padding=(0, 2))
            for student, sentence in about.items():
                table.add_row(Text(student, style), Text(sentence))
            lines.append(Padding(table, (0, 0, 0, 2)))
    if done.broken:
        lines.append(Text("An error in the grader is never scored as zero: run the same command again.", "magenta"))
    lines.append(Text(f"Next: grade export --gradebook {batch.gradebook} --format html -o class.html", "dim"))
    return Group(*lines)
