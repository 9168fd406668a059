"""Has the place of a mistake found, and says after how many failed tries a course offers that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.desk.grading import conditions_of, exercises_of, read_work
from grader.grading import warm_grader
from grader.sandbox.outside.reader import start_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.model import Course, Exercise
    from grader.desk.request import Request
    from grader.grading import Grader
    from grader.locating.located import Located
    from grader.submission.model import Submission


def locate_cold(course: Course, asked: Request, *, silent: bool = False) -> Located:
    """Return the place that is asked for, from this process and a fork server of its own; raise as `locate`."""
    [exercise] = exercises_of(course, asked)
    with warm_grader(course, [exercise], conditions_of(asked)) as grader:
        start_reading()  # while this process imports its own libraries
        from grader.report.progress import progress

        work = read_work(course, asked, [exercise])
        with progress(len(exercise.checks), silent=silent) as finished:
            return find_place(grader, work, exercise, asked, lambda _: finished(exercise.name))


def find_place(
    grader: Grader, work: Submission, exercise: Exercise, asked: Request, finished: Callable[[str], None]
) -> Located:
    """Return where the mistake is, in files as somebody at this desk knows them."""
    from grader.locating.located import SECONDS
    from grader.locating.search import locate

    found = locate(grader, work, exercise, asked.locate or SECONDS, finished)
    in_place = asked.submission is None and asked.cells is None
    return msgspec.structs.replace(found, file=f"exercises/{found.file}") if in_place and found.file else found
