"""Tells a function that draws random numbers of its own from one that only uses what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diagnosis.comparison import same_answer
from grader.diagnosis.replay import Answers, Replayed
from grader.results import Diagnosis
from grader.sandbox.outside.failures import SubmissionStopped
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.model import Exercise
    from grader.diagnosis.replay import Budget
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.transcript import CallRecord
    from grader.submission.model import Submission

UNSEEDED = Diagnosis(
    "unseeded_randomness",
    "The function draws random numbers of its own.",
    "For the same arguments, another run gives another result. Use the noise or the generator that the function is "
    "given, and nothing like torch.randn without `generator=`.",
)


def is_unseeded(judge: Judge, exercise: Exercise, calls: Sequence[CallRecord], budget: Budget) -> bool:
    """Tell whether the submission answers some calls otherwise when random numbers that nobody seeded are others.

    False where the reference solution does so too: then the statement leaves something to chance.
    """
    return (
        exercise.solution is not None
        and _depends_on_chance(judge, exercise, judge.submission, calls, budget)
        and not _depends_on_chance(judge, exercise, read_submission(exercise.solution), calls, budget)
    )


def _depends_on_chance(
    judge: Judge, exercise: Exercise, submission: Submission, calls: Sequence[CallRecord], budget: Budget
) -> bool:
    answers = []
    for other_draws in (False, True):
        if budget.is_spent:
            return False
        replayed = Replayed(judge, exercise, submission, Answers(), budget, other_draws=other_draws)
        try:
            with replayed:
                answers.append(replayed.answers(calls))
        except SubmissionStopped:  # a new worker cannot import it, or its time is up: nothing can be said
            return False
    return not all(map(same_answer, *answers))
