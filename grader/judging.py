"""Asks the checks of a course, and gets what a submission answers, without judging what that is worth."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from grader import garbage
from grader.course.rubric_reading import load_rubrics
from grader.course.seeds import REPEATABLE, Seeds
from grader.diffusion.choice import TINY, Choice
from grader.diffusion.machine import equipment
from grader.errors import UsageError
from grader.sandbox.outside.workbench_file import source_of
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.course.model import Course, Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.server import ForkServer
    from grader.sandbox.outside.transcript import CallRecord
    from grader.submission.model import Submission


class Judging:
    """Runs checks of any number of submissions to one course, one after the other, in workers of one fork server."""

    def __init__(
        self,
        course: Course,
        server: ForkServer,
        *,
        seeds: Seeds = REPEATABLE,
        call_seconds: float | None = None,
        lessons: Iterable[str] | None = None,
        model: Choice = TINY,
    ) -> None:
        """Read the rubrics of the lessons whose exercises are to be graded, of all lessons for None.

        `seeds` say which inputs are drawn; `call_seconds` overrides the rubrics' CPU seconds a call. `model` is what
        exercises on a model are graded on, the tiny one (tier "cpu") or a real one (tier "gpu"); the server must be
        made for it. Raises `RubricError` if a rubric of the course is wrong.
        """
        self.course = course
        self._server = server
        self._seeds = seeds
        self._call_seconds = call_seconds
        self.lessons = lessons if lessons is None else tuple(lessons)
        self.rubrics = load_rubrics(course, self.lessons)
        self._model = model

    def isolation(self) -> str:
        """Wait for the fork server, and return what is in force; raise `UsageError` if strict was asked in vain."""
        self._server.await_ready()
        return self._server.in_force

    def begin(self, exercises: Iterable[Exercise]) -> None:
        """Have the fork server load what these exercises need, and do not wait for it."""
        workbench = source_of(self.course.root, self.course.workbench)
        for exercise in exercises:
            if exercise.is_questions:
                continue
            forbidden = self.rubrics[exercise.lesson, exercise.name].forbidden
            self._server.begin(equipment(workbench, exercise, forbidden, self._model))

    def with_seed(self, seed: int) -> Self:
        """Return a grader that is alike but for the inputs that it draws."""
        other = copy.copy(self)
        other._seeds = Seeds(seed)
        return other

    def of_course(self, course: Course) -> Self:
        """Return a grader that is alike but for the course, another copy of the same one."""
        other = copy.copy(self)
        other.course, other.rubrics = course, load_rubrics(course)
        return other

    def with_stubs_of(self, course: Course) -> Self:
        """Return a grader that is alike but for the course: the same one, read again, in which only stubs differ."""
        other = copy.copy(self)
        other.course = course
        return other

    def first_failure(self, submission: Submission, exercise: Exercise, only: Sequence[str] = ()) -> str | None:
        """Return the name of the first check that fails, without looking for its smallest input; None if all pass.

        `only` names the checks to run, if not all of them.

        Raises `GraderError` if a check breaks.
        """
        failed = self._failed(submission, exercise, only, to_first_failure=True)
        return failed[0] if failed else None

    def failed_checks(self, submission: Submission, exercise: Exercise, only: Sequence[str] = ()) -> list[str]:
        """Return the names of all checks that fail, as :meth:`first_failure` does of the first."""
        return self._failed(submission, exercise, only, to_first_failure=False)

    def _failed(
        self, submission: Submission, exercise: Exercise, only: Sequence[str], *, to_first_failure: bool
    ) -> list[str]:
        if isinstance(submission.source_of(exercise), Problem):
            return list(only) or [check.name for check in exercise.checks]
        with self.judged(submission, exercise, most_shrinks=0) as judge:
            from grader.plugin.run import run_checks

            return run_checks(judge, [exercise], only=only, to_first_failure=to_first_failure).failed(exercise)

    def failing_calls(self, submission: Submission, exercise: Exercise) -> dict[str, Sequence[CallRecord]]:
        """Return the calls of the smallest failing input of every check that fails.

        Raises `UsageError` if a file of checks cannot be imported: what is recorded of it would say that nothing fails.
        """
        with self.judged(submission, exercise) as judge:
            from grader.plugin.run import run_checks

            recorder = run_checks(judge, [exercise])
            for sentence in recorder.broken.values():
                raise UsageError(sentence)
            return recorder.failing_calls(exercise)

    def answers(
        self, submission: Submission, exercise: Exercise, asked: Sequence[Sequence[CallRecord]]
    ) -> list[list[CallRecord]]:
        """Return what a submission answers to the calls of some examples."""
        with self.judged(submission, exercise) as judge:
            from grader.diagnosis.replay import Answers, Budget, Replayed

            with Replayed(judge, exercise, submission, Answers(), Budget(float("inf"))) as replayed:
                return [replayed.answers(calls) for calls in asked]

    @contextmanager
    def judged(self, submission: Submission, exercise: Exercise, **settings: Any) -> Iterator[Judge]:
        """Yield the judge of a submission, and end its workers afterwards.

        What grading needs is imported only now: until a submission can be graded, nobody need wait for it.
        """
        self._server.revive()
        if exercise.uses_model(self._model.tier):
            _get_ready(self._model, self.course)
        import_what_grades()
        from grader.plugin.judge import Judge

        judge = Judge(
            self.course,
            self.rubrics,
            submission,
            self._server,
            seeds=self._seeds,
            call_seconds=self._call_seconds,
            model=self._model,
            **settings,
        )
        self._server.await_ready()  # only now: until here it was getting ready while this process was importing
        try:
            yield judge
        finally:
            judge.close()


def import_what_grades() -> None:
    """Import what checks are run with: torch, pytest and Hypothesis."""
    with garbage.left_alone():
        import grader.diagnosis.known_mistakes
        import grader.plugin.judge
        import grader.plugin.run  # noqa: F401 - imported for later


def _get_ready(model: Choice, course: Course) -> None:
    """Load the judge's own copy of the model, on which the oracles run."""
    with garbage.left_alone():
        from grader.diffusion import loading
        from grader.diffusion.request import load_chosen
        from grader.diffusion.stable_diffusion import stable_diffusion

        load_chosen(model)
    loading.use(**model.arguments())  # helpers of checks build their objects from it
    stable_diffusion(course=course.root)
