"""One submission in, one verdict out."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from grader import faults
from grader.course.marked import all_checks, marked, without_code
from grader.course.questions.judging import judged
from grader.course.rubric import EXAMPLES
from grader.course.seeds import REPEATABLE, Seeds
from grader.diffusion.choice import TINY, Choice
from grader.diffusion.machine import bench, machine
from grader.errors import GraderError, UsageError
from grader.judging import Judging
from grader.results import (
    CheckResult,
    Diagnosis,
    ExerciseResult,
    Outcome,
    SubmissionInfo,
    Verdict,
)
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.graded_code import graded_code
from grader.submission.model import Problem
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from grader.course.model import Course, Exercise
    from grader.diagnosis.replay import Answers
    from grader.plugin.judge import Judge
    from grader.plugin.recorder import Example, Recorder
    from grader.sandbox.outside.server import Machine
    from grader.sandbox.outside.transcript import CallRecord
    from grader.sandbox.outside.user import User
    from grader.submission.model import Submission

DIAGNOSIS_SECONDS = 10.0  # an exercise, of CPU time: somebody is waiting, and a busy machine must not change a name


class Conditions(NamedTuple):
    """How submissions are graded: how confined, on which inputs, and how long a call may take.

    `call_seconds` overrides the rubrics' CPU seconds a call. `models` are one real model on each of some devices, on
    which the points are given that need one; without any, these points are pending.
    """

    isolation: Isolation = Isolation.STRICT
    seeds: Seeds = REPEATABLE
    call_seconds: float | None = None
    models: tuple[Choice, ...] = ()


class Grader(Judging):
    """Grades any number of submissions to one course, one after the other, in workers of one fork server."""

    def __init__(
        self, course: Course, server: ForkServer, *, diagnosis_seconds: float = DIAGNOSIS_SECONDS, **conditions: Any
    ) -> None:
        """Read the rubrics as :class:`Judging` does, which has the other arguments.

        `diagnosis_seconds` bound the search for the mistakes behind an exercise's failures.
        """
        super().__init__(course, server, **conditions)
        self._diagnosis_seconds = diagnosis_seconds
        self._figures = False
        self._answers: Answers | None = None

    def grade(
        self,
        submission: Submission,
        exercises: Sequence[Exercise],
        finished: Callable[[Exercise, str], None] | None = None,
        diagnosed: Container[str] | None = None,
    ) -> Verdict:
        """Grade the exercises; `finished` is told of every check that has ended (exercise and name).

        Mistakes are looked for behind every failed check, or only behind the checks named in `diagnosed`.
        Raises `UsageError` if strict isolation was asked and cannot be had.
        """
        results = self._results(submission, exercises, finished, diagnosed)
        return Verdict(
            grader=__version__,
            course=self.course.name,
            submission=SubmissionInfo(submission.name, submission.sha256),
            isolation=self.isolation(),
            tier=self._model.tier,
            seed=self._seeds.seed,
            points=sum(result.points for result in results),
            max_points=sum(result.max_points for result in results),
            exercises=results,
            model="" if self._model.is_tiny else str(self._model),
            code=graded_code(map(submission.source_of, exercises)) if self._figures else (),
        )

    def with_figures(self) -> Self:
        """Return a grader that is alike, and draws failing examples of public checks and keeps the code it graded."""
        other = copy.copy(self)
        other._figures = True
        return other

    def grade_quickly(
        self,
        submission: Submission,
        exercise: Exercise,
        finished: Callable[[Exercise, str], None] | None = None,
        heard: Callable[[CallRecord], None] | None = None,
    ) -> ExerciseResult:
        """Return an exercise's result without smallest inputs and without the names of mistakes.

        `finished` is told of every check that has ended, `heard` of every call. Raises `GraderError` if pytest itself
        breaks; a check that breaks has the outcome "error".
        """
        problem = submission.source_of(exercise)
        if isinstance(problem, Problem):
            checks = self._without_code(exercise, problem)
            return self._with_answers(submission, exercise, marked(exercise, self.rubrics, checks))
        with self.judged(submission, exercise, most_shrinks=0) as judge:
            from grader.plugin.run import run_checks

            if heard is not None:
                judge.session_of(exercise).transcript.listener = heard
            checks = run_checks(judge, [exercise], finished).results(exercise)
            return self._with_answers(submission, exercise, marked(exercise, self.rubrics, checks))

    def failing_examples(
        self,
        submission: Submission,
        exercise: Exercise,
        finished: Callable[[Exercise, str], None] | None = None,
    ) -> tuple[ExerciseResult, dict[str, Example]]:
        """Return a result, and the smallest failing input of every failed check.

        `finished` is told of every check that has ended.
        """
        problem = submission.source_of(exercise)
        if isinstance(problem, Problem):
            return marked(exercise, self.rubrics, self._without_code(exercise, problem)), {}
        with self.judged(submission, exercise) as judge:
            from grader.plugin.run import run_checks

            recorder = run_checks(judge, [exercise], finished)
            checks = self._named(judge, exercise, recorder, recorder.results(exercise), None)
            return marked(exercise, self.rubrics, checks), recorder.examples(exercise)

    def _results(
        self,
        submission: Submission,
        exercises: Sequence[Exercise],
        finished: Callable[[Exercise, str], None] | None,
        diagnosed: Container[str] | None,
    ) -> tuple[ExerciseResult, ...]:
        in_code = [exercise for exercise in exercises if not exercise.is_questions]
        checks = {e: self._judged_answers(submission, e, finished) for e in exercises if e.is_questions}
        problems = {e: s for e in in_code if isinstance(s := submission.source_of(e), Problem)}
        checks |= {e: self._without_code(e, problem) for e, problem in problems.items()}
        readable = [exercise for exercise in in_code if exercise not in problems]
        # One after the other: what a submission has hoarded for an exercise is gone before the next one begins.
        checks |= {exercise: self._run_twice(submission, exercise, finished, diagnosed) for exercise in readable}
        checks = {e: results + self._of_examples(submission, e, finished) for e, results in checks.items()}
        results = (marked(exercise, self.rubrics, checks[exercise]) for exercise in exercises)
        return tuple(
            msgspec.structs.replace(self._with_answers(submission, exercise, result), seed=self._seeds.of(exercise.key))
            for exercise, result in zip(exercises, results, strict=True)
        )

    def _without_code(self, exercise: Exercise, problem: Problem) -> tuple[CheckResult, ...]:
        rubric = self.rubrics[exercise.lesson, exercise.name]
        return without_code(exercise, rubric, problem.sentence, self._model.tier)

    def _judged_answers(
        self, submission: Submission, exercise: Exercise, finished: Callable[[Exercise, str], None] | None
    ) -> tuple[CheckResult, ...]:
        """Return what became of a lesson's questions. Answers are text: they are judged here, and nothing runs."""
        answers = submission.answers_to_questions(exercise)
        results = judged(exercise, self.rubrics[exercise.lesson, exercise.name], answers)
        if finished is not None:
            for result in results:
                finished(exercise, result.name)
        return results

    def _of_examples(
        self, submission: Submission, exercise: Exercise, finished: Callable[[Exercise, str], None] | None
    ) -> tuple[CheckResult, ...]:
        """Return what became of the examples that a student wrote, if the rubric gives points for them."""
        criterion = self.rubrics[exercise.lesson, exercise.name].of_examples
        if criterion is None:
            return ()
        from grader.student_examples.deciding import decided

        try:
            result = decided(self, exercise, criterion, submission.examples_for(exercise))
        except UsageError:
            raise
        except Exception as error:
            faults.show(error)
            sentence = faults.sentence(error)
            result = CheckResult(
                EXAMPLES, criterion.title, criterion.visibility, Outcome.ERROR, sentence, 0.0, None, ()
            )
        if finished is not None:
            finished(exercise, result.name)
        return (result,)

    def decide(
        self,
        submission: Submission,
        exercise: Exercise,
        only: Sequence[str],
        finished: Callable[[Exercise, str], None] | None = None,
    ) -> tuple[CheckResult, ...]:
        """Return the results of the checks that `only` names, without the mistakes behind them."""
        return self._run_twice(submission, exercise, finished, (), only)

    def _run_twice(
        self,
        submission: Submission,
        exercise: Exercise,
        finished: Callable[[Exercise, str], None] | None,
        diagnosed: Container[str] | None,
        only: Sequence[str] = (),
    ) -> tuple[CheckResult, ...]:
        """Run checks, all for none named; the grader's own errors are tried once more before anyone hears of them."""
        checks = self._run(submission, exercise, finished, diagnosed, only)
        if any(check.outcome is Outcome.ERROR for check in checks):
            checks = self._run(submission, exercise, finished, diagnosed, only, again=True)
        return checks

    def _with_answers(self, submission: Submission, exercise: Exercise, result: ExerciseResult) -> ExerciseResult:
        """Return a result with what the submission says in text, if a person marks a part of the exercise."""
        if not self.rubrics[exercise.lesson, exercise.name].by_hand:
            return result
        return msgspec.structs.replace(
            result,
            answers=submission.answers_to(exercise),
            unread_answers=submission.unread_answers_to(exercise),
        )

    def _run(
        self,
        submission: Submission,
        exercise: Exercise,
        finished: Callable[[Exercise, str], None] | None,
        diagnosed: Container[str] | None,
        only: Sequence[str],
        *,
        again: bool = False,
    ) -> tuple[CheckResult, ...]:
        try:
            with self.judged(submission, exercise) as judge:
                from grader.plugin.run import run_checks

                recorder = run_checks(judge, [exercise], finished, only=only)
                if again:  # what broke twice is no accident: is it the check, or what it was given?
                    for check in recorder.suspected(exercise):
                        if self._solution_passes(exercise, check):
                            recorder.settle(exercise, check)
                decided = _those(recorder.results(exercise), only)
                if self._figures:
                    from grader.plugin.figures import with_figures

                    decided = with_figures(decided, recorder.examples(exercise), exercise)
                return self._named(judge, exercise, recorder, decided, diagnosed)
        except UsageError:
            raise
        except Exception as error:
            faults.show(error)
            return _those(all_checks(exercise, Outcome.ERROR, faults.sentence(error)), only)

    def _named(
        self,
        judge: Judge,
        exercise: Exercise,
        recorder: Recorder,
        decided: tuple[CheckResult, ...],
        diagnosed: Container[str] | None,
    ) -> tuple[CheckResult, ...]:
        """Return results with the mistakes behind failed checks, behind all or only those that `diagnosed` names."""
        from grader.diagnosis.known_mistakes import Failures, diagnose
        from grader.diagnosis.recorded import with_breadth
        from grader.diagnosis.replay import Answers

        self._answers = self._answers or Answers()
        failing = {
            check: calls
            for check, calls in recorder.failing_calls(exercise).items()
            if diagnosed is None or check in diagnosed
        }
        failed, passed = (
            frozenset(check.name for check in decided if check.outcome is outcome)
            for outcome in (Outcome.FAILED, Outcome.PASSED)
        )
        try:
            failures = Failures(failing, failed, passed)
            found = diagnose(judge, exercise, failures, self._diagnosis_seconds, self._answers)
        except (UsageError, GraderError):
            raise
        except Exception as error:  # what the checks have decided stands without a mistake's name
            faults.show(error)
            found = {}
        return _diagnosed(with_breadth(exercise, decided), found)

    def _solution_passes(self, exercise: Exercise, check: str) -> bool:
        """Tell whether a check passes for the reference solution, on the same inputs; False if there is none."""
        from grader.submission.reading import read_submission

        if exercise.solution is None:
            return False
        try:
            return self.first_failure(read_submission(exercise.solution), exercise, [check]) is None
        except GraderError:
            return False


@contextmanager
def warm_grader(
    course: Course,
    exercises: Sequence[Exercise],
    conditions: Conditions,
    model: Choice = TINY,
    *,
    workers: Machine | None = None,
    user: User | None = None,
) -> Iterator[Grader]:
    """Yield a grader of these exercises with a fork server of its own, which ends with the block.

    `workers` is what they compute with, if not what the model needs, and `user` whose processes they are, if not ours.

    The server is started before anything else: it imports its libraries while this process imports its own.
    """
    with ForkServer(conditions.isolation, bench(course), workers or machine(model), user) as server:
        lessons = dict.fromkeys(exercise.lesson for exercise in exercises)
        grader = Grader(
            course,
            server,
            seeds=conditions.seeds,
            call_seconds=conditions.call_seconds,
            lessons=lessons,
            model=model,
        )
        grader.begin(exercises)
        yield grader


def _diagnosed(
    results: tuple[CheckResult, ...], diagnoses: Mapping[str, tuple[Diagnosis, ...]]
) -> tuple[CheckResult, ...]:
    return tuple(msgspec.structs.replace(result, diagnosis=diagnoses.get(result.name, ())) for result in results)


def _those(results: tuple[CheckResult, ...], only: Sequence[str]) -> tuple[CheckResult, ...]:
    """Return the results of the checks that `only` names, all of them if it is empty."""
    return tuple(result for result in results if not only or result.name in only)
