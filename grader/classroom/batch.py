"""Grades a download of hand-ins into a gradebook, and says what became of them and which marks have changed."""

from __future__ import annotations

import shlex
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.changes import Change, changes_between
from grader.classroom.export import class_of
from grader.classroom.formats.csv import number
from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import find_class
from grader.classroom.libraries import computing_libraries
from grader.classroom.platforms.download import opened
from grader.classroom.platforms.platform import Person, letters
from grader.classroom.policy import Student
from grader.classroom.policy_file import load_policy
from grader.classroom.run import grade_class
from grader.course.seeds import REPEATABLE, Seeds
from grader.diffusion.request import refuse_unmeasured
from grader.errors import UsageError
from grader.jobs import Settings, usable_cores
from grader.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from rich.console import RenderableType

    from grader.classroom.handins import Class
    from grader.classroom.platforms.platform import Platform
    from grader.classroom.run import Summary
    from grader.course.model import Course
    from grader.grading import Conditions
    from grader.jobs import Runner

_CHANGES_SHOWN = 40


class Batch(NamedTuple):
    """What a run over a download did, what it found there, and the gradebook it wrote.

    `absent` are the students who handed in nothing, `left` and `back` those whom the roster does not name any more or
    names again, `changes` the marks that are others than before. `strangers` are sentences on names in the policy that
    nobody in the class has, `untimed` on hand-ins of which nobody knows when they came.
    """

    summary: Summary
    found: Class
    absent: Sequence[str]
    left: Sequence[str]
    back: Sequence[str]
    changes: Sequence[Change]
    strangers: Sequence[str]
    untimed: Sequence[str]
    gradebook: str

    @property
    def ignored(self) -> Sequence[str]:
        """The names of what in the download is not a hand-in."""
        return self.found.ignored


def grade_download(
    course: Course,
    path: Path,
    gradebook: Path | str,
    conditions: Conditions,
    names: Sequence[str] = (),
    jobs: int | None = None,
    *,
    platform: str | Platform | None = None,
    roster: Path | None = None,
    regrade: bool = False,
    run_tasks: Runner | None = None,
) -> Batch:
    """Grade what is missing or has changed in a folder or an archive, or everything to `regrade`.

    `names` are exercises or lessons, `jobs` is the number of processes, for None one a core, or one a device of real
    models. Without a `platform`, it
    is recognised. The class is who is in the file `roster`, with whoever handed in. `run_tasks` works off the tasks,
    processes of this machine if it is not given.

    Raises:
        UsageError: there are no hand-ins, the roster or the policy cannot be read, the gradebook cannot be written, is
            another course's or was begun with other libraries, a name or a rubric is wrong, or strict isolation cannot
            be had.
    """
    exercises = tuple(exercise.key for exercise in course.select(names))
    for model in conditions.models:
        refuse_unmeasured(course, model)
    load_policy(course)  # what is wrong with it is said before hours of grading, not after
    libraries = computing_libraries()
    with opened(path) as download:
        found = find_class(download, platform, roster)
        book = Gradebook.create(gradebook, course.name, libraries, regrade=regrade)
        with closing(book), progress(len(found.handins), time_left=True) as finished:
            _refuse_others(book, found)
            before = class_of(course, book)
            if conditions.seeds == REPEATABLE:
                conditions = conditions._replace(seeds=Seeds(secret=book.secret))
            settings = Settings(course.root, exercises, *conditions)
            run = book.begin_run(str(path), libraries)
            left, back = _enrolled(book, found)
            summary = grade_class(
                course,
                found.handins,
                book,
                settings,
                jobs or len(conditions.models) or usable_cores(),
                finished,
                regrade=regrade,
                run=run,
                run_tasks=run_tasks,
            )
            book.end_run(run)
            after = class_of(course, book)
            missing = {member.key for member in found.absent}
            absent = [s.record.label for s in after.students if s.record.student in missing and not s.record.attempts]
            changes = changes_between(before, after)
            class_ = [Student(s.record.student, tuple(s.record.groups)) for s in after.students]
            strangers = after.policy.strangers(class_)
    return Batch(summary, found, absent, left, back, changes, strangers, after.untimed(), book.shown)


def _enrolled(book: Gradebook, found: Class) -> tuple[list[str], list[str]]:
    """Store who is in the class, and return those who have left it and who are back; nobody leaves without a roster."""
    present = {person.key for handin in found.handins for person in handin.people}
    names = book.students()
    known = {*present, *names, *(member.key for member in found.absent)}
    # Whoever did not hand in and is not known to be absent may be there under another name: no row of their own.
    members = [member for member in found.roster or found.absent if member.key in known]
    here = {*present, *(member.key for member in found.roster)} if found.roster else known
    left, back = book.enrol(members, here)
    return [Person(key, names[key]).label for key in left], [Person(key, names[key]).label for key in back]


def _refuse_others(book: Gradebook, found: Class) -> None:
    """Refuse a download in which a number is another person's than in the gradebook: it is of another assignment.

    A name that ends with the number is one that Moodle has hidden.
    """
    if not found.platform.digits:
        return
    known = book.students()
    for person in (person for handin in found.handins for person in handin.people):
        name = known.get(person.key, person.name)
        hidden = any(each.endswith(person.key) for each in (name, person.name))
        if not hidden and letters(name) != letters(person.name):
            raise UsageError(
                f"{person.key} is {name} in {book.shown} and {person.name} in this download: {found.platform.title} "
                "numbers people anew in every assignment, so use one gradebook for each."
            )


def drawn(batch: Batch) -> RenderableType:
    """Return what a run did: every student who got no marks with the reason, and what comes next."""
    from rich.console import Group
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
    if batch.left:
        lines.append(Text(f"Not on the roster any more, so left out from now on: {', '.join(batch.left)}."))
    if batch.back:
        lines.append(Text(f"On the roster again: {', '.join(batch.back)}."))
    if batch.ignored:
        lines.append(Text(f"Not hand-ins, so ignored: {', '.join(batch.ignored)}.", "dim"))
    lines += _sentences_on(done.problems, "red") + _sentences_on(done.broken, "magenta")
    if done.not_run:
        lines.append(Text("Could not be run, so it got no points; worth a look:", "yellow"))
        lines += _sentences_on(done.not_run, "yellow")
    lines += _drawn_changes(batch.changes)
    lines += [Text(sentence, "yellow") for sentence in batch.untimed]
    lines += [Text(sentence, "red") for sentence in batch.strangers]
    if done.broken:
        lines.append(Text("An error in the grader is never scored as zero: run the same command again.", "magenta"))
    shown = shlex.quote(batch.gradebook)
    lines.append(Text(f"Next: grade export --gradebook {shown} --format html -o class.html", "dim"))
    return Group(*lines)


def _sentences_on(students: Mapping[str, str], style: str) -> list[RenderableType]:
    """Return a line or more on each student."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for student, sentence in students.items():
        table.add_row(Text(student, style), Text(sentence))
    return [Padding(table, (0, 0, 0, 2))] if students else []


def _drawn_changes(changes: Sequence[Change]) -> list[RenderableType]:
    """Return which marks are others than before: who lost first, since somebody must look at those."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if not changes:
        return []
    gained = sum(_difference(change) > 0 for change in changes)
    counted = f"{gained} went up, {len(changes) - gained} down or open"
    table = Table.grid(padding=(0, 2))
    for change in sorted(changes, key=_difference)[:_CHANGES_SHOWN]:
        style = "green" if _difference(change) > 0 else "red"
        points = f"{number(change.before) or 'open'} -> {number(change.after) or 'open'}"
        table.add_row(Text(change.student), Text(change.exercise[1]), Text(points, style), Text(f"{change.why}."))
    lines: list[RenderableType] = [
        Text(f"Marks that changed since the last run: {len(changes)} ({counted})."),
        Padding(table, (0, 0, 0, 2)),
    ]
    if len(changes) > _CHANGES_SHOWN:
        lines.append(Text(f"  and {len(changes) - _CHANGES_SHOWN} more; `grade explain STUDENT` shows each.", "dim"))
    return lines


def _difference(change: Change) -> Decimal:
    from decimal import Decimal

    nothing = Decimal(-1)  # an open mark is less than 0 points, and more than none
    return (change.after if change.after is not None else nothing) - (
        change.before if change.before is not None else nothing
    )
