"""A session in which many edited copies of one submission share a worker, each in a module of its own.

A fork and the imports of a submission take longer than what most copies are asked before they have failed. All copies
are one student's own code, so that one may disturb another does no harm beyond a place that is not found: whatever
passes here is tried once more in a worker of its own.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import msgspec

from grader.locating.copies import of_copy, of_each
from grader.sandbox.outside.deadline import Deadline
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.session import Session
from grader.sandbox.outside.transcript import CallRecord, Question
from grader.sandbox.wire import frames

if TYPE_CHECKING:
    from grader.sandbox.wire import messages

_CALLS = 8  # at their deadline, that one copy may take


class SharedWorker(Session):
    """Answers as one of several copies at a time, the one that was taken last."""

    _number = 0

    def take(self, number: int) -> None:
        """Answer as this copy from now on; what others have used up, or broken, is forgotten."""
        self._number = number
        self._unusable = None
        self._timeouts = 0
        self._seconds_left = _CALLS * self._deadline.wall_seconds
        self._most_cpu_seconds = self.cpu_seconds + _CALLS * self._deadline.cpu_seconds
        self.transcript.begin_check()

    def ask(self, question: Question, *, aside: bool = False) -> CallRecord:
        """Ask the copy, and return the record as if it were the submission's own."""
        record = dataclasses.replace(super().ask(self._to_copy(question), aside=True), question=question)
        if isinstance(record.error, SubmissionStopped):
            self._timeouts = 0
        if not aside:
            self.transcript.add(record)
        return record

    def each(self, question: Question, count: int) -> list[CallRecord] | None:
        """Ask all copies the same at once, and return a record of each; None if they must be asked one by one.

        On a busy machine, waiting for a worker's turn takes longer than most calls.
        """
        call = question.call
        if of_each(call.function) not in self._modules or call.return_arguments or call.backward or _has_handles(call):
            return None
        self.take(0)
        before, self._deadline = self._deadline, Deadline(count * self._deadline.cpu_seconds)
        try:
            record = super().ask(self._renamed(question, of_each(call.function)), aside=True)
        except SubmissionStopped:
            return None
        finally:
            self._deadline = before
        if record.error is not None or not isinstance(record.result, list) or len(record.result) != count:
            return None
        return [_record(question, answer) for answer in record.result]

    def _to_copy(self, question: Question) -> Question:
        name = of_copy(self._number, question.call.function)
        if question.call.reader or name not in self._modules:
            return question
        return self._renamed(question, name)

    def _renamed(self, question: Question, function: str) -> Question:
        """Return a question to another function, under the deadline of this session."""
        call = msgspec.structs.replace(
            question.call,
            function=function,
            cpu_seconds=self._deadline.cpu_seconds,
            wall_seconds=self._deadline.wall_seconds,
        )
        return Question(call, frames.encode_frame(call, [bytes(question.buffers())]))


def _record(question: Question, answer: Any) -> CallRecord:
    """Return what one copy has answered; what they say of themselves is believed no more than any result."""
    match answer:
        case [True, result]:
            return CallRecord(question, result)
        case [False, str() as error, str() as message]:
            return CallRecord(
                question, error=SubmissionError(f"`{question.call.function}` raised {error}: {message}", error)
            )
    return CallRecord(question, error=SubmissionStopped("It sent back something that cannot be read."))


def _has_handles(call: messages.Call) -> bool:
    """Tell whether objects of the worker are among the arguments, which a copy may change for the next one."""
    encoded = msgspec.msgpack.encode([call.arguments, call.keywords])
    return b"handle" in encoded
