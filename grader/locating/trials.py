"""Tries repairs of a submission: which of them make every check pass."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, NamedTuple

from grader.diagnosis.replay import Budget
from grader.errors import GraderError
from grader.locating.copies import with_copies
from grader.locating.examples import Example
from grader.locating.shared_worker import SharedWorker
from grader.plugin.run import run_checks
from grader.sandbox.outside.failures import SubmissionStopped
from grader.sandbox.outside.session import Session
from grader.sandbox.outside.transcript import CallRecord
from grader.submission.model import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grader.course.model import Exercise
    from grader.mutation.repairs import Repair
    from grader.plugin.judge import Judge

_AT_ONCE = 150  # copies in one worker
_LEAST_CALL_SECONDS = 0.2
_SLOWER = 5.0  # times that a copy may be slower than what it is a copy of
_WALL = 5.0  # seconds on the clock for one of the budget: a copy may wait for something


class Failing(NamedTuple):
    """What a submission fails: the check that is tried first, and the calls of the example that it failed on.

    Where the last of them is a loop, `right_questions` says how many questions to its model were right, before the
    first one that was not; None if the check does not tell. It `is_right_in_its_loop` if all of them were.
    """

    check: str
    calls: Sequence[CallRecord]
    right_questions: int | None = None
    is_right_in_its_loop: bool = False


class Trials:
    """Tries repairs of one file of a submission until the budget is spent."""

    def __init__(
        self, judge: Judge, exercise: Exercise, source: Source, home: str, failing: Failing, seconds: float
    ) -> None:
        self._judge = judge
        self._exercise = exercise
        self._source = source
        self._home = home
        self._failing = failing
        self._budget = Budget(seconds)
        self._until = time.monotonic() + _WALL * seconds
        self._example = Example(judge, exercise, source, failing.check)
        slowest = max((call.seconds for call in failing.calls), default=1.0)
        most = judge.call_seconds(exercise)
        self._call_seconds = min(most, max(_LEAST_CALL_SECONDS, _SLOWER * slowest))

    @property
    def out_of_time(self) -> bool:
        """Whether the budget is spent."""
        return self._budget.is_spent or time.monotonic() > self._until

    def passing(self, repairs: Iterable[Repair], skip: Callable[[Repair], bool]) -> Iterator[Repair]:
        """Yield the repairs that make every check pass; those that `skip` names are not tried."""
        for batch in _batches((repair for repair in repairs if not skip(repair)), _AT_ONCE):
            if self.out_of_time:
                return
            texts = [repair.text for repair in batch]
            copies = with_copies(self._source, self._home, texts, self._call_seconds)
            worker = self._judge.open_source(self._exercise, copies, SharedWorker, self._call_seconds)
            with closing(worker):
                yield from self._passing(batch, worker, skip)

    def _passing(
        self, batch: Sequence[Repair], worker: SharedWorker, skip: Callable[[Repair], bool]
    ) -> Iterator[Repair]:
        for number in self._hopeful(len(batch), worker):
            if self.out_of_time:
                return
            if skip(batch[number]):
                continue
            with _Spent(self._budget, worker):
                passes = self._passes_beside_others(worker, number)
            if passes and self._passes_alone(batch[number]):
                yield batch[number]

    def _hopeful(self, count: int, worker: SharedWorker) -> list[int]:
        """Return the copies that may pass the example on which the submission failed."""
        calls = self._failing.calls
        if not calls:
            return [*range(count)]
        if self._failing.right_questions is not None and worker.can_follow:
            return self._following(count, worker, self._failing.right_questions)
        with _Spent(self._budget, worker):
            at_once = [worker.each(call.question, count) for call in calls]
        found = []
        for number in range(count):
            if self.out_of_time:
                break
            if None not in at_once:
                answers = [answered[number] for answered in at_once if answered]
            else:
                with _Spent(self._budget, worker):
                    answers = _replayed(calls, worker, number)
            if self._example.may_pass(answers):
                found.append(number)
        return found

    def _following(self, count: int, worker: SharedWorker, right_questions: int) -> list[int]:
        """Return the copies that may pass the example, of which the last call is cut short where it goes wrong.

        The answers to the calls before it are the submission's own, which have not failed. A copy that may pass has to
        answer them itself later, when it is put through all checks.
        """
        *before, last = self._failing.calls
        found = []
        with ExitStack() as stack:
            with _Spent(self._budget, worker):
                stack.enter_context(worker.following(last.question, right_questions))
            for number in range(count):
                if self.out_of_time:
                    break
                with _Spent(self._budget, worker):
                    answers = [*before, *_replayed([last], worker, number)]
                if self._example.may_pass(answers):
                    found.append(number)
        return found

    def _passes_beside_others(self, worker: SharedWorker, number: int) -> bool:
        """Tell whether a copy passes the check that is tried first, and then all of them."""
        for only in ([self._failing.check], []):
            worker.take(number)
            if not self._passes(worker, only):
                return False
        return True

    def _passes_alone(self, repair: Repair) -> bool:
        """Tell whether a repair passes in a worker of its own, under the rules that hold for what is handed in."""
        source = Source({**self._source.files, self._home: repair.text}, self._source.modules)
        seconds = self._judge.call_seconds(self._exercise)
        with closing(self._judge.open_source(self._exercise, source, Session, seconds)) as session:
            passes = self._passes(session, [])
            self._budget.spend(session.cpu_seconds)
        return passes

    def _passes(self, session: Session, only: Sequence[str]) -> bool:
        self._judge.ask_instead(self._exercise, session)
        try:
            return not run_checks(self._judge, [self._exercise], only=only, to_first_failure=True).failed(
                self._exercise
            )
        except GraderError:  # a check that breaks on what this copy returned
            return False


class _Spent:
    """Takes what a worker uses inside the block away from a budget."""

    def __init__(self, budget: Budget, worker: Session) -> None:
        self._budget, self._worker = budget, worker

    def __enter__(self) -> None:
        self._before = self._worker.cpu_seconds

    def __exit__(self, *_: object) -> None:
        self._budget.spend(self._worker.cpu_seconds - self._before)


def _replayed(calls: Sequence[CallRecord], worker: SharedWorker, number: int) -> list[CallRecord]:
    """Return what a copy answers to calls that were asked before."""
    worker.take(number)
    answers = []
    for call in calls:
        try:
            answers.append(worker.ask(call.question))
        except SubmissionStopped as stopped:
            answers.append(CallRecord(call.question, error=stopped))
    return answers


def _batches(repairs: Iterable[Repair], size: int) -> Iterator[list[Repair]]:
    batch: list[Repair] = []
    for repair in repairs:
        batch.append(repair)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
