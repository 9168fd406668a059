"""Joins the code of one attempt with the answer in text of another, where a hand-in brought only one of them.

An attempt that holds only an answer in text counts with the latest code that was handed in before it, and one that
holds only code with the latest answer, in each case as if both had been handed in then: lateness is that of the attempt
that completes the work. An answer that says what the one before said is not a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.records import Attempt, Key, Stored, StudentRecord


class Joined(NamedTuple):
    """What counts for an exercise if an attempt does, with the numbers of those that code and answer are taken from.

    `brings` says whether the attempt itself has code, or a new answer; `answer` is None where there is no answer.
    """

    attempt: Attempt
    stored: Stored
    code: int
    answer: int | None
    brings: bool
    new_answer: bool


def joined_attempts(in_time: Sequence[Attempt], key: Key, *, alone: bool) -> list[Joined]:
    """Return what would count of each attempt that was graded on an exercise, in order of time.

    Where hand-ins count as a whole, each stands `alone`.
    """
    found = []
    code: Attempt | None = None
    answer: Attempt | None = None
    for attempt in in_time:
        stored = attempt.results.get(key)
        if stored is None or not stored.decided:
            continue
        answered = bool(stored.result.answers)
        is_new = answered and (answer is None or _texts(stored) != _texts(answer.results[key]))
        if stored.written:
            code = attempt
        if is_new:
            answer = attempt
        if alone or not (stored.written or is_new):
            own_answer = attempt.number if answered else None
            found.append(Joined(attempt, stored, attempt.number, own_answer, stored.written or is_new, is_new))
            continue
        of_code = code or attempt
        whole = _whole(of_code.results[key], answer.results[key] if answer is not None else None)
        # The same answer once more is taken from where it is: a file's name may be another one there.
        own = answer is not None and answered
        of_answer = attempt.number if own else answer.number if answer is not None else None
        found.append(Joined(attempt, whole, of_code.number, of_answer, brings=True, new_answer=is_new))
    return found


def counting_result(record: StudentRecord, key: Key, code: int | None, answer: int | None) -> Stored | None:
    """Return the result that counts with all that it shows: the marks of a class hold it without examples."""
    by_number = {attempt.number: attempt.results.get(key) for attempt in record.attempts}
    stored = by_number.get(code) if code is not None else None
    return _whole(stored, by_number.get(answer) if answer is not None else None) if stored is not None else None


def _whole(code: Stored, answer: Stored | None) -> Stored:
    if answer is None or answer is code:
        return code
    result = msgspec.structs.replace(
        code.result,
        answers=answer.result.answers,
        unread_answers=tuple(dict.fromkeys((*code.result.unread_answers, *answer.result.unread_answers))),
    )
    return code._replace(result=result)


def _texts(stored: Stored) -> list[str]:
    return [each.text for each in stored.result.answers]
