"""Replays calls of a submission on other ones, such as wrong variants, and keeps what they answered."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from grader.diagnosis.comparison import same_answer
from grader.sandbox.outside.failures import SubmissionStopped
from grader.sandbox.outside.transcript import Question
from grader.sandbox.wire import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from grader.course.model import Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.transcript import CallRecord
    from grader.submission.model import Submission

MOST_KEPT_BYTES = 256 * 2**20


class Answers:
    """What wrong variants answered, kept for other submissions that fail on the same inputs."""

    def __init__(self) -> None:
        self._kept: dict[bytes, CallRecord] = {}
        self._bytes = 0

    def get(self, key: bytes) -> CallRecord | None:
        """Return the answer that was kept under a key, None if there is none."""
        return self._kept.get(key)

    def keep(self, key: bytes, answer: CallRecord) -> None:
        """Keep an answer, and forget all of them when they become too many."""
        size = len(answer.question.frame) + answer.answer_bytes
        if key in self._kept or isinstance(answer.error, SubmissionStopped) or size > MOST_KEPT_BYTES // 100:
            return
        if self._bytes + size > MOST_KEPT_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[key] = answer
        self._bytes += size


class Budget:
    """CPU seconds, of this process and of workers, after which a search ends; the machine's load does not count."""

    def __init__(self, seconds: float) -> None:
        self._until = time.process_time() + seconds

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return time.process_time() > self._until

    def spend(self, seconds: float) -> None:
        """Take away what a worker has used."""
        self._until -= seconds


class Replayed:
    """A submission that answers calls; its worker starts with the first call that it has not answered before."""

    def __init__(
        self,
        judge: Judge,
        exercise: Exercise,
        submission: Submission,
        answers: Answers,
        budget: Budget,
        *,
        other_draws: bool = False,
    ) -> None:
        """`other_draws` gives random numbers that nobody seeded other values than when the calls were made."""
        self._judge, self._exercise, self._submission = judge, exercise, submission
        self._answers, self._budget = answers, budget
        self._other_draws = other_draws
        self._session: Session | None = None
        identity = f"{submission.sha256} {exercise.key} {judge.call_seconds(exercise)} {other_draws}"
        self._identity = identity.encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the worker, if there is one."""
        if self._session is not None:
            self._budget.spend(self._session.cpu_seconds)
            self._session.close()
            self._session = None

    def answers(self, calls: Sequence[CallRecord]) -> list[CallRecord]:
        """Return what it answers to the calls."""
        return [answer for example in _examples(calls) for answer in self._replay(example)]

    def explains(self, calls: Sequence[CallRecord], right: Callable[[], Sequence[CallRecord]]) -> bool:
        """Tell whether it answers all the calls as they were answered, and thus otherwise than is `right`.

        Where its mistake is smaller than the tolerance, as the rounding of numbers that must stay the same to the bit,
        everything that is nearly right would look like it: there the answers must be the same to the bit. Where it
        makes no mistake at all, it explains nothing: what is wrong may be a type, such as tensors for floats. Its
        mistake may be such a type, too, or what a file has beside its tensors.
        """
        answers = self.answers(calls)
        if not all(map(same_answer, calls, answers)):
            return False
        right_ones = right()
        if not all(map(same_answer, right_ones, answers)):
            return True
        exactly = partial(same_answer, to_the_bit=True)
        if not all(map(exactly, calls, answers)):
            return False
        if not right_ones or not all(map(exactly, right_ones, answers)):
            return True
        return not all(map(_is_alike, right_ones, answers)) and all(map(_is_alike, calls, answers))

    def agreement(self, calls: Sequence[CallRecord]) -> float:
        """Return the share of the calls that it answers as they were answered; 1 if there are no calls."""
        same = list(map(same_answer, calls, self.answers(calls)))
        return sum(same) / len(same) if same else 1.0

    def _replay(self, example: Sequence[CallRecord]) -> list[CallRecord]:
        # By all calls up to this one: what they did to an object in the worker decides what the next one finds there.
        keys, digest = [], hashlib.sha256(self._identity)
        for call in example:
            digest.update(call.question.frame)
            keys.append(digest.digest())
        known = [answer for key in keys if (answer := self._answers.get(key))]
        if len(known) < len(keys):
            known = [self._asked(call.question) for call in example]
            for key, answer in zip(keys, known, strict=True):
                self._answers.keep(key, answer)
        return known

    def _asked(self, question: Question) -> CallRecord:
        if self._session is None:
            self._session = self._judge.open_session(self._exercise, self._submission)
        return self._session.ask(_with_other_draws(question) if self._other_draws else question)


def _is_alike(first: CallRecord, second: CallRecord) -> bool:
    """Tell whether two results that mean the same are of one type and, as files, the same bytes."""
    one, other = first.result, second.result
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return bool(np.array_equal(one, other))
    return type(one) is type(other)


def _with_other_draws(question: Question) -> Question:
    call = msgspec.structs.replace(question.call, seed=question.call.seed ^ 1)
    return Question(call, frames.encode_frame(call, [bytes(question.buffers())]))


def _examples(calls: Sequence[CallRecord]) -> list[list[CallRecord]]:
    """Split calls where a new example begins."""
    examples: list[list[CallRecord]] = []
    for call in calls:
        if call.question.call.number == 1 or not examples:
            examples.append([])
        examples[-1].append(call)
    return examples


def compare(
    variant: Replayed,
    failing: Mapping[str, Sequence[CallRecord]],
    right: Callable[[str], Sequence[CallRecord]],
    sample: Sequence[CallRecord],
) -> dict[str, float]:
    """Return the checks whose failing calls the variant explains, with its agreement elsewhere.

    `right` gives the reference solution's answers to a check's failing calls.
    """
    with variant, suppress(SubmissionStopped):
        equal = [check for check, calls in failing.items() if variant.explains(calls, partial(right, check))]
        return dict.fromkeys(equal, variant.agreement(sample)) if equal else {}
    return {}
