"""What a function answers to the calls that an exercise's checks make to its solution: the same calls for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.diagnosis.comparison import same_answer
from grader.diagnosis.meaning import raised
from grader.errors import GraderError
from grader.sandbox.outside.failures import SubmissionStopped
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.course.model import Exercise
    from grader.grading import Grader
    from grader.sandbox.outside.transcript import CallRecord
    from grader.submission.model import Submission

SECONDS = 2.0  # that the solution may take to answer all of them
_Example = list["CallRecord"]


class Behaviour(NamedTuple):
    """The answers to the shared calls, example by example; or, if the submission was stopped for good, the reason."""

    examples: Sequence[Sequence[CallRecord]]
    stopped: str = ""

    def alike(self, other: Behaviour) -> bool:
        """Tell whether another one has the same answers, up to the tolerance of checks."""
        if self.stopped or other.stopped:
            return self.stopped == other.stopped
        return all(map(_alike, self.calls, other.calls))

    def agreement(self, other: Behaviour, right: Behaviour) -> float:
        """Return on which share of the calls that either answers wrongly the two answer alike."""
        if self.stopped or other.stopped or right.stopped:
            return float(self.alike(other))
        wrong = [
            _alike(mine, its)
            for mine, its, good in zip(self.calls, other.calls, right.calls, strict=True)
            if not (_alike(mine, good) and _alike(its, good))
        ]
        return sum(wrong) / len(wrong) if wrong else 0.0

    @property
    def calls(self) -> list[CallRecord]:
        """All calls, one after the other."""
        return [call for example in self.examples for call in example]

    def first_other(self, right: Behaviour) -> int | None:
        """Return the index of the smallest example that has a wrong answer; None if all answers are right."""
        if self.stopped:
            return None
        others = [
            (sum(len(call.question.frame) for call in example), place)
            for place, (example, good) in enumerate(zip(self.examples, right.examples, strict=True))
            if not all(map(_alike, example, good))
        ]
        return min(others)[1] if others else None

    def raises(self, right: Behaviour) -> str:
        """Return the type of the error if one type ends every call that has a wrong answer, else ""."""
        wrong = [call for call, good in zip(self.calls, right.calls, strict=True) if not _alike(call, good)]
        errors = {error.error if (error := raised(call.error)) else "" for call in wrong}
        return errors.pop() if len(errors) == 1 else ""


class Shared:
    """The calls of one exercise that everybody is asked, and what is right."""

    def __init__(self, grader: Grader, exercise: Exercise) -> None:
        """Raise `GraderError` if the solution cannot be asked."""
        assert exercise.solution is not None
        self._grader = grader
        self._exercise = exercise
        self._asked = _shared_calls(grader, exercise)
        self.right = self.behaviour(read_submission(exercise.solution))
        if self.right.stopped:
            raise GraderError(f"The solution of {exercise.key} does not answer: {self.right.stopped}")

    def behaviour(self, submission: Submission) -> Behaviour:
        """Return what a submission answers."""
        try:
            return Behaviour(self._grader.answers(submission, self._exercise, self._asked))
        except SubmissionStopped as stopped:
            return Behaviour((), str(stopped))

    def possible(self, submission: Submission, wanted: Mapping[int, Behaviour]) -> list[int]:
        """Return the keys of the wanted behaviours that a submission may have.

        It is asked one example for each, which tells that from what is right: asking all takes much longer.
        """
        probes = {key: each.first_other(self.right) for key, each in wanted.items() if not each.stopped}
        places = sorted({place for place in probes.values() if place is not None})
        try:
            answers = self._grader.answers(submission, self._exercise, [self._asked[place] for place in places])
        except SubmissionStopped:
            return []
        found = dict(zip(places, answers, strict=True))
        return [
            key
            for key, place in probes.items()
            if place is None or all(map(_alike, found[place], wanted[key].examples[place]))
        ]


def _alike(first: CallRecord, second: CallRecord) -> bool:
    """Tell whether two calls have the same answer; errors of one type are alike, and so are calls that were stopped."""
    if first.error is None or second.error is None:
        return first.error is second.error is None and same_answer(first, second)
    kinds = [raised(call.error) for call in (first, second)]
    if None in kinds:
        return type(first.error) is type(second.error)
    return kinds[0].error == kinds[1].error  # type: ignore[union-attr]


def _shared_calls(grader: Grader, exercise: Exercise) -> list[_Example]:
    """Return the calls that the checks make, by example; where that takes long, some examples of every check."""
    assert exercise.solution is not None
    checks: list[list[_Example]] = [[]]

    def heard(call: CallRecord) -> None:
        if call.question.call.number == 1 or not checks[-1]:
            checks[-1].append([])
        checks[-1][-1].append(call)

    grader.grade_quickly(read_submission(exercise.solution), exercise, lambda *_: checks.append([]), heard)
    chosen: list[tuple[int, int]] = []
    left = SECONDS
    for place in range(max(map(len, checks))):  # the first example of every check, then the second ones, ...
        for number, examples in enumerate(checks):
            if place < len(examples) and (left > 0 or place == 0):
                left -= sum(call.seconds for call in examples[place])
                chosen.append((number, place))
    return [checks[number][place] for number, place in sorted(chosen)]
