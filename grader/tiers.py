"""Grades a submission on both tiers: everything on the tiny model, and the points that need a real one on that."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from grader.course.marked import all_checks, marked
from grader.diffusion.machine import bench, machine
from grader.grading import DIAGNOSIS_SECONDS, Grader, warm_grader
from grader.results import Outcome
from grader.sandbox.outside.server import ForkServer
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from grader.course.model import Course, Exercise
    from grader.diffusion.choice import Choice
    from grader.grading import Conditions
    from grader.results import ExerciseResult, Verdict
    from grader.submission.model import Submission


class GraderOnBothTiers(Grader):
    """A grader on the tiny model that has another one on a real model, with a fork server of its own, beside it."""

    def __init__(self, tiny: Grader, real: Grader, model: Choice) -> None:
        """`real` grades on `model`, and `tiny` everything that needs no real one."""
        vars(self).update(vars(tiny))
        self._real, self._real_model = real, model

    def begin(self, exercises: Iterable[Exercise]) -> None:
        """Have both fork servers load what these exercises need, and do not wait for it."""
        wanted = tuple(exercises)
        super().begin(wanted)
        self._real.begin(exercise for exercise in wanted if self._on_real_model(exercise))

    def grade(
        self,
        submission: Submission,
        exercises: Sequence[Exercise],
        finished: Callable[[Exercise, str], None] | None = None,
        diagnosed: Container[str] | None = None,
    ) -> Verdict:
        """Grade the exercises, as `Grader.grade` does, and then the criteria of tier "gpu" on the real model.

        Mistakes are looked for on the tiny model alone: there it takes seconds.
        """
        verdict = super().grade(submission, exercises, finished, diagnosed)
        results = tuple(
            self._completed(submission, exercise, result, finished)
            for exercise, result in zip(exercises, verdict.exercises, strict=True)
        )
        return msgspec.structs.replace(
            verdict,
            exercises=results,
            points=sum(result.points for result in results),
            tier=self._real_model.tier,
            model=str(self._real_model),
        )

    def _completed(
        self,
        submission: Submission,
        exercise: Exercise,
        result: ExerciseResult,
        finished: Callable[[Exercise, str], None] | None,
    ) -> ExerciseResult:
        """Return the result with what was pending decided on the real model."""
        wanted = self._on_real_model(exercise)
        if not wanted:
            return result
        if isinstance(problem := submission.source_of(exercise), Problem):
            failed = all_checks(exercise, Outcome.FAILED, problem.sentence)
            decided = {check.name: check for check in failed if check.name in wanted}
        else:
            decided = {check.name: check for check in self._real.decide(submission, exercise, wanted, finished)}
        checks = tuple(decided.get(check.name, check) for check in result.checks)
        now = marked(exercise, self.rubrics, checks)
        return msgspec.structs.replace(
            result, checks=now.checks, criteria=now.criteria, points=now.points, outcome=now.outcome
        )

    def _on_real_model(self, exercise: Exercise) -> list[str]:
        """Return the checks of an exercise's criteria that need a real model, as far as they are in this copy."""
        rubric, known = self.rubrics[exercise.lesson, exercise.name], {check.name for check in exercise.checks}
        named = (name for criterion in rubric.criteria if criterion.tier == "gpu" for name in criterion.checks)
        return [name for name in named if name in known]


def server_for(conditions: Conditions, course: Course, model: Choice) -> ForkServer:
    """Return a fork server, which must be closed, for a real model."""
    return ForkServer(conditions.isolation, bench(course), machine(model))


def with_real_model(tiny: Grader, server: ForkServer, conditions: Conditions, model: Choice) -> GraderOnBothTiers:
    """Return a grader that also gives the points which need a real model, in workers of a server for it."""
    real = Grader(
        tiny.course,
        server,
        seeds=conditions.seeds,
        call_seconds=conditions.call_seconds,
        lessons=tiny.lessons,
        diagnosis_seconds=DIAGNOSIS_SECONDS,
        model=model,
    )
    return GraderOnBothTiers(tiny, real, model)


@contextmanager
def warm_grader_for(course: Course, exercises: Sequence[Exercise], conditions: Conditions) -> Iterator[Grader]:
    """Yield a grader of these exercises, on both tiers if the conditions name a real model; it ends with the block."""
    with warm_grader(course, exercises, conditions) as tiny:
        if not conditions.models:
            yield tiny
            return
        with server_for(conditions, course, conditions.models[0]) as server:
            grader = with_real_model(tiny, server, conditions, conditions.models[0])
            grader.begin(exercises)
            yield grader
