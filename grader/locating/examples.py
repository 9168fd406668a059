"""Judges what copies of a submission have answered to one example, without asking them anything more."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import hypothesis.errors
import msgspec
import pytest
from hypothesis.control import BuildContext
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.entropy import deterministic_PRNG

from grader.errors import NotAskedError
from grader.sandbox.outside.failures import SubmissionStopped
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.frames import WireError
from grader.sandbox.wire.values import Encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.model import Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.transcript import CallRecord, Question
    from grader.submission.model import Source

_SUBMISSION = "submission"  # the fixture that a check calls
_UNDECIDED = (
    hypothesis.errors.UnsatisfiedAssumption, hypothesis.errors.StopTest, NotAskedError, pytest.skip.Exception,
)  # fmt: skip


class _NotAsked(BaseException):
    """The check asks something that the copy was not asked."""


class _ToExplain(Exception):
    """The check has failed, and asks what would explain that."""


class _Known(Session):
    """Has no worker: it knows what a copy has answered to some questions.

    What a check reads aside explains failures only, so it may be what the submission itself has left there.
    """

    answers: dict[bytes, CallRecord]
    asides: dict[bytes, CallRecord]

    def ask(self, question: Question, *, aside: bool = False) -> CallRecord:
        """Return what was answered; raise `_NotAsked` if that is not known."""
        record = (self.asides if aside else self.answers).get(question.frame)
        if record is None:
            raise _ToExplain if aside else _NotAsked
        if not aside:
            self.transcript.add(record)
        return record


class Example:
    """The example on which a submission has failed a check."""

    def __init__(self, judge: Judge, exercise: Exercise, source: Source, check: str) -> None:
        self._functions = exercise.functions
        self._session = judge.open_source(exercise, source, _Known, judge.call_seconds(exercise))
        found = judge.failed.get(check)
        self._failed = found if found is not None and _SUBMISSION in found.arguments else None
        self._session.asides = {each.question.frame: each for each in self._failed.asides} if self._failed else {}
        self._known: dict[bytes, bool] = {}

    def may_pass(self, answers: Sequence[CallRecord]) -> bool:
        """Tell whether a copy that has answered the example's calls like this may pass it.

        Only if the check would fail after these very calls is that impossible.
        """
        if any(isinstance(answer.error, SubmissionStopped) for answer in answers):
            return False
        if self._failed is None:
            return True
        key = as_bytes(answers)
        if key is None:
            return self._judged(answers)
        if key not in self._known:
            self._known[key] = self._judged(answers)
        return self._known[key]

    def _judged(self, answers: Sequence[CallRecord]) -> bool:
        assert self._failed is not None
        self._session.answers = {answer.question.frame: answer for answer in answers}
        self._session.transcript.begin_check()
        others = {name: value for name, value in self._failed.arguments.items() if name != _SUBMISSION}
        try:
            with ExitStack() as stack:
                stack.enter_context(deterministic_PRNG())
                stack.enter_context(BuildContext(ConjectureData.for_choices(()), wrapped_test=self._failed.check))
                self._failed.check(**{_SUBMISSION: RemoteSubmission(self._session, self._functions)}, **_copied(others))
        except (_NotAsked, *_UNDECIDED):
            return True
        except (Exception, SubmissionStopped):
            return False
        return True


def as_bytes(calls: Sequence[CallRecord]) -> bytes | None:
    """Return what calls were answered, as bytes that are equal for equal answers; None if they cannot be told."""
    encoder = Encoder()
    told: list[Any] = []
    try:
        for call in calls:
            if isinstance(call.error, SubmissionStopped):
                return None
            if call.error is not None:
                told.append([call.error.error, call.error.sentence])
            else:
                told.append([encoder.tree(part) for part in (call.result, list(call.arguments), dict(call.keywords))])
    except WireError:
        return None
    return msgspec.msgpack.encode(told) + b"".join(encoder.buffers)


def _copied(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments that a check may change; objects that let nobody copy them are nothing that is drawn."""
    copied = {}
    for name, value in arguments.items():
        try:
            copied[name] = copy.deepcopy(value) if type(value).__module__ in _DRAWN else value
        except Exception:
            copied[name] = value
    return copied


_DRAWN = ("builtins", "torch")
