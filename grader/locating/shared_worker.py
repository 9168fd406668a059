"""A session in which many edited copies of one submission share a worker, each in a module of its own.

A fork and the imports of a submission take longer than what most copies are asked before they have failed. All copies
are one student's own code, so that one may disturb another does no harm beyond a place that is not found: whatever
passes here is tried once more in a worker of its own.
"""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from grader.locating.copies import of_copy, of_each
from grader.sandbox.outside.deadline import Deadline
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.session import Session
from grader.sandbox.outside.transcript import CallRecord, Question
from grader.sandbox.wire import frames
from grader.sandbox.workbench import FOLLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.sandbox.wire import messages

_CALLS = 8  # at their deadline, that one copy may take


class SharedWorker(Session):
    """Answers as one of several copies at a time, the one that was taken last."""

    _has_many_copies = True
    _number: int | None = 0
    _alone = False  # each call is an example of its own, whichever it was in its example

    def take(self, number: int | None) -> None:
        """Answer as this copy from now on, or as the submission itself; what others have used up is forgotten."""
        self._number = number
        self._unusable = None
        self._timeouts = 0
        self._seconds_left = _CALLS * self._deadline.wall_seconds
        self._most_cpu_seconds = self.cpu_seconds + _CALLS * self._deadline.cpu_seconds
        self.transcript.begin_check()

    @property
    def can_follow(self) -> bool:
        """Whether the course can tell where a run has gone wrong."""
        return FOLLOW in self.workbench.readers

    @contextmanager
    def following(self, question: Question, right_questions: int) -> Iterator[None]:
        """End, within the block, the copies' answers to a question where they can no longer be right.

        The submission itself has asked the model `right_questions` right questions, and then a wrong one.
        """
        self._alone = True
        self.take(None)
        with suppress(SubmissionStopped):  # then nothing is cut short
            self.ask(question)
            self.call(FOLLOW, [right_questions], {}, reader=True, aside=True)
        try:
            yield
        finally:
            self._alone = False
            self.take(None)
            with suppress(SubmissionStopped):
                self.call(FOLLOW, [None], {}, reader=True, aside=True)

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
        own = question.call.function
        if question.call.reader:
            return question
        name = own if self._number is None else of_copy(self._number, own)
        return self._renamed(question, name if name in self._modules else own)

    def _renamed(self, question: Question, function: str) -> Question:
        """Return a question to another function, under the deadline of this session."""
        call = msgspec.structs.replace(
            question.call,
            function=function,
            number=1 if self._alone else question.call.number,
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
