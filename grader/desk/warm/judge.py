"""Judges one question after the other, and keeps nothing of a submission in between."""

from __future__ import annotations

import contextlib
import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.finding import find_course
from grader.desk.grading import conditions_of, exercises_of, grade_each, read_work
from grader.desk.warm import messages
from grader.diffusion.machine import bench
from grader.errors import GraderError
from grader.sandbox.outside.server import ForkServer, Isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grader.course.model import Course, Exercise
    from grader.desk.request import Request
    from grader.grading import Grader
    from grader.locating.located import Located
    from grader.results import Verdict
    from grader.submission.model import Submission


class KeptJudge:
    """A fork server and graders that stay: libraries, examples and the answers of known mistakes are there already."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._server: ForkServer | None = None
        self._level = Isolation.AUTO
        self._graders: dict[object, Grader] = {}
        self._left = False

    def get_ready(self) -> None:
        """Start the fork server, and import what grading needs while it gets ready."""
        course = find_course(self._root)
        self._serving(course, Isolation.AUTO)
        from grader.judging import import_what_grades

        import_what_grades()

    def verdict(self, asked: Request, say: Callable[[messages.Begun | messages.Finished], None]) -> Verdict:
        """Return the verdict on what is asked, as if it were asked in the folder that it names.

        Raises:
            UsageError: it cannot be judged.
            KeyboardInterrupt: `leave` was called meanwhile.
        """
        with self._begun(asked, say) as (grader, work, exercises):
            return grade_each(
                grader.with_figures() if asked.figures else grader,
                work,
                exercises,
                lambda exercise, _: say(messages.Finished(exercise.name)),
                asked.to_first_failure,
            )

    def debugged(self, asked: Request, say: Callable[[messages.Begun | messages.Finished], None]) -> messages.Debugged:
        """Write the script that is asked for, and return where it is; raise as `verdict` does."""
        from grader.desk.debugging import write_script

        with self._begun(asked, say) as (grader, work, [exercise]):
            return write_script(grader, work, exercise, asked, lambda _: say(messages.Finished(exercise.name)))

    def located(self, asked: Request, say: Callable[[messages.Begun | messages.Finished], None]) -> Located:
        """Return where the mistake is that is asked for; raise as `verdict` does."""
        from grader.desk.locating import find_place

        with self._begun(asked, say) as (grader, work, [exercise]):
            return find_place(grader, work, exercise, asked, lambda _: say(messages.Finished(exercise.name)))

    def forget(self) -> None:
        """Free what is left of the last submission: what was cut off from the verdict may hold its tensors."""
        gc.collect()

    def leave(self) -> None:
        """End the verdict that another thread is waiting for, as soon as its worker can be let go."""
        self._left = True
        if self._server is not None:
            self._server.interrupted = True

    def close(self) -> None:
        """End the fork server."""
        if self._server is not None:
            self._server.close()

    @contextlib.contextmanager
    def _begun(
        self, asked: Request, say: Callable[[messages.Begun | messages.Finished], None]
    ) -> Iterator[tuple[Grader, Submission, Sequence[Exercise]]]:
        """Yield a grader, the work and the exercises that are asked about, in the folder that the question names."""
        self._left = False
        try:
            os.chdir(asked.folder)
            course = find_course(Path(asked.folder))
            if course.root != self._root:
                raise GraderError(f"This judge is for {self._root}, and was asked about {course.root}.")
            exercises = exercises_of(course, asked)
            say(messages.Begun(sum(len(exercise.checks) for exercise in exercises)))
            server = self._serving(course, conditions_of(asked).isolation)
            grader = self._grader(course, asked, exercises, server)
            grader.begin(exercises)
            work = read_work(course, asked, exercises)
            server.interrupted = self._left
            try:
                yield grader, work, exercises
            finally:
                server.interrupted = False
        finally:
            os.chdir("/")

    def _serving(self, course: Course, level: Isolation) -> ForkServer:
        """Return the fork server; another level of isolation starts another one."""
        if self._server is not None and level is not self._level:
            self._server.close()
            self._server = None
            self._graders.clear()
        if self._server is None:
            self._server, self._level = ForkServer(level, bench(course)), level
        return self._server

    def _grader(self, course: Course, asked: Request, exercises: Sequence[Exercise], server: ForkServer) -> Grader:
        """Return a grader; it is kept, because it remembers what known mistakes answer."""
        from grader.grading import Grader

        lessons = tuple(dict.fromkeys(exercise.lesson for exercise in exercises))
        stubs = tuple(exercise.key for exercise in course.exercises)
        key = (lessons, stubs, asked.seed, asked.call_seconds)
        if key not in self._graders:
            seeds = conditions_of(asked).seeds
            self._graders[key] = Grader(course, server, seeds=seeds, call_seconds=asked.call_seconds, lessons=lessons)
        return self._graders[key].with_stubs_of(course)
