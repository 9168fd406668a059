"""Replays calls of a submission on wrong variants, and keeps what they answered."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from grader.diagnosis.comparison import same_answer
from grader.sandbox.outside.failures import SubmissionStopped
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.plugin.judge import Judge
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.transcript import CallRecord, Question

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


class Variant:
    """A wrong variant that answers calls; its worker starts with the first call that it has not answered before."""

    def __init__(self, judge: Judge, exercise: Exercise, path: Path, answers: Answers) -> None:
        self._judge, self._exercise, self._path = judge, exercise, path
        self._answers = answers
        self._session: Session | None = None
        self._identity = f"{path} {path.stat().st_mtime_ns} {judge.call_seconds(exercise)}".encode()

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._session is not None:
            self._session.close()

    def equals(self, calls: Sequence[CallRecord]) -> bool:
        """Tell whether it answers all the calls as they were answered."""
        return all(
            same_answer(*pair)
            for example in _examples(calls)
            for pair in zip(example, self._replay(example), strict=True)
        )

    def agreement(self, calls: Sequence[CallRecord]) -> float:
        """Return the share of the calls that it answers as they were answered; 1 if there are no calls."""
        pairs = [pair for example in _examples(calls) for pair in zip(example, self._replay(example), strict=True)]
        return sum(same_answer(*pair) for pair in pairs) / len(pairs) if pairs else 1.0

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
            self._session = self._judge.open_session(self._exercise, read_submission(self._path))
        return self._session.ask(question)


def _examples(calls: Sequence[CallRecord]) -> list[list[CallRecord]]:
    """Split calls where a new example begins."""
    examples: list[list[CallRecord]] = []
    for call in calls:
        if call.question.call.number == 1 or not examples:
            examples.append([])
        examples[-1].append(call)
    return examples


def compare(
    variant: Variant, failing: Mapping[str, Sequence[CallRecord]], sample: Sequence[CallRecord]
) -> dict[str, float]:
    """Return the checks on whose failing calls the variant equals the submission, with its agreement elsewhere."""
    try:
        equal = [check for check, calls in failing.items() if variant.equals(calls)]
        return dict.fromkeys(equal, variant.agreement(sample)) if equal else {}
    except SubmissionStopped:
        return {}
    finally:
        variant.close()
