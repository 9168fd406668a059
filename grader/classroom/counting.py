"""Decides which attempt counts for each exercise of a student, and what lateness takes off its mark.

Everything is computed from what the gradebook holds and from the course's policy, and from nothing else, so that the
same marks come out at any time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from grader.classroom.joining import joined_attempts
from grader.classroom.lateness import Work
from grader.classroom.marks import NOTHING, State, StudentMarks, in_order_of_time, raw_mark
from grader.classroom.penalties import penalties
from grader.classroom.policy import Student
from grader.classroom.records import OWN_CODE
from grader.classroom.wording import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.classroom.joining import Joined
    from grader.classroom.marks import Mark
    from grader.classroom.penalties import Penalty
    from grader.classroom.policy import Policy
    from grader.classroom.records import Key, StudentRecord
    from grader.results import ExerciseResult

    _Able = Mapping[Key, Sequence[Mark]]  # the marks that each attempt would give, in order of time
    _Charged = Mapping[tuple[str, Key, int | None], Penalty]

_ZERO = Decimal(0)


def marks_of(
    records: Sequence[StudentRecord], worth: Mapping[Key, ExerciseResult], policy: Policy
) -> list[StudentMarks]:
    """Return the marks of students for the exercises of `worth`, where a result of each says what it is worth.

    Give the whole class if the policy has groups pay together for lateness.
    """
    able = {record.student: _able_to_count(record, worth, policy) for record in records}
    charged = _charged(records, able, policy)
    counting = {record.student: _counting(record, able[record.student], charged, policy) for record in records}
    if policy.attempt != "best_after_penalty":  # what does not count spends no tokens
        charged = _charged(records, {student: _alone(marks) for student, marks in counting.items()}, policy)
    return [
        StudentMarks(
            record,
            {
                key: _after_lateness(
                    counting[record.student].get(key) or _no_attempt(record, key, worth[key], policy),
                    charged,
                    record,
                    policy,
                )
                for key in worth
            },
            policy,
        )
        for record in records
    ]


def _alone(marks: Mapping[Key, Mark]) -> _Able:
    return {key: [mark] for key, mark in marks.items()}


def _charged(records: Sequence[StudentRecord], able: Mapping[str, _Able], policy: Policy) -> _Charged:
    """Return what lateness does to each of some marks."""
    asked: dict[Student, list[Mark]] = {}
    works: dict[Student, list[Work]] = {}
    for record in records:
        student = Student(record.student, tuple(record.groups))
        asked[student] = [mark for marks in able[record.student].values() for mark in marks if mark.attempt is not None]
        works[student] = [_work(record, mark) for mark in asked[student]]
    return {
        (student.key, mark.exercise, mark.attempt): penalty
        for student, found in penalties(policy, works).items()
        for mark, penalty in zip(asked[student], found, strict=True)
    }


def _work(record: StudentRecord, mark: Mark) -> Work:
    attempt = next(each for each in record.attempts if each.number == (mark.since or mark.attempt))
    assert mark.raw is not None
    return Work(
        mark.exercise[0], mark.exercise[1], attempt.submitted_at, attempt.late, mark.raw, mark.maximum,
        tuple(attempt.members) or (record.student,),
    )  # fmt: skip


def _after_lateness(mark: Mark, charged: _Charged, record: StudentRecord, policy: Policy) -> Mark:
    penalty = charged.get((record.student, mark.exercise, mark.attempt))
    rule = policy.rule(*mark.exercise)
    if penalty is None or not (rule.due or rule.hard_end or penalty.points):  # nothing is ever due
        return mark
    first = f" The same code came with attempt {mark.since} first." if mark.since else ""
    said = f"{penalty.sentence}{first}"
    return mark._replace(penalty=penalty.points, lateness=said, untimed=penalty.untimed, tokens=penalty.tokens)


# --- which attempt counts -----------------------------------------------------------------------------------------


def _able_to_count(record: StudentRecord, worth: Mapping[Key, ExerciseResult], policy: Policy) -> _Able:
    """Return the marks that the attempts would give for each exercise, of those that were graded, in order of time."""
    in_time, chosen = in_order_of_time(record.attempts, policy), chosen_attempts(record)
    found = {}
    for key in worth:
        decided = joined_attempts(in_time, key, alone=policy.counts_by == "handin")
        if policy.counts_by == "exercise":  # where the work lies in an earlier attempt, a later one without it is none
            decided = [each for each in decided if each.brings or each.attempt.number == chosen.get(key)] or decided
        answered = [each.attempt.number for each in decided if each.answer is not None]
        marks = [raw_mark(record, key, worth[key], each, policy, answered) for each in decided]
        found[key] = marks if policy.counts_by == "handin" else _since_when(decided, marks)
    return found


def _since_when(decided: Sequence[Joined], marks: Sequence[Mark]) -> list[Mark]:
    """Return marks in order of time; those of attempts that brought the code of the one before count as from then.

    Whoever hands in a whole folder every week has not worked again on what is in it from the weeks before. With other
    points or a new answer, an attempt is a new one.
    """
    found: list[Mark] = []
    for joined, mark in zip(decided, marks, strict=True):
        repeated = found and not joined.new_answer and _is_repeated(found[-1], mark)
        found.append(mark._replace(since=found[-1].since or found[-1].attempt) if repeated else mark)
    return found


def _is_repeated(before: Mark, after: Mark) -> bool:
    own_code = [each.stored.made_of.get(OWN_CODE) if each.stored is not None else None for each in (before, after)]
    earned = [(each.raw, each.maximum, each.pending, each.criteria, each.override) for each in (before, after)]
    return bool(own_code[0]) and own_code[0] == own_code[1] and earned[0] == earned[1]


def _counting(record: StudentRecord, able: _Able, charged: _Charged, policy: Policy) -> dict[Key, Mark]:
    """Return the marks of the attempts that count; what came after the hard end only does where there is no other."""

    def penalty(mark: Mark) -> Penalty:
        return charged[record.student, mark.exercise, mark.attempt]

    def value(mark: Mark) -> Decimal:
        earned = (mark.raw or _ZERO) + mark.hoped_for  # until somebody has read an answer, it may be worth everything
        return earned + penalty(mark).points if policy.attempt == "best_after_penalty" else earned

    accepted = {
        key: [mark for mark in marks if not penalty(mark).refused] or marks for key, marks in able.items() if marks
    }
    if policy.counts_by == "handin":
        order = [attempt.number for attempt in in_order_of_time(record.attempts, policy)]
        totals: dict[int, Decimal] = {}
        for mark in (mark for marks in accepted.values() for mark in marks):
            number = mark.attempt or 0
            totals[number] = totals.get(number, _ZERO) + value(mark)
        numbers = [number for number in order if number in totals]
        best = max(numbers, key=totals.__getitem__, default=None)  # of equally good ones the earliest
        whole = numbers[-1] if numbers and policy.attempt == "last" else best
        accepted = {key: [m for m in marks if m.attempt == whole] for key, marks in accepted.items()}
    # Of equally good ones that with an answer to be read, and then the earliest, which is the least late.
    found = {
        key: marks[-1]
        if policy.attempt == "last"
        else max(marks, key=lambda m: (value(m), m.answer_attempt is not None))
        for key, marks in accepted.items()
        if marks
    }
    for key, number in chosen_attempts(record).items():
        if (chosen := _of_attempt(able.get(key, ()), number)) is not None:
            found[key] = chosen
    return found


def _of_attempt(marks: Sequence[Mark], number: int) -> Mark | None:
    return next((mark for mark in marks if mark.attempt == number), None)


def _no_attempt(record: StudentRecord, key: Key, worth: ExerciseResult, policy: Policy) -> Mark:
    mark = raw_mark(record, key, worth, None, policy)
    missing = policy.missing_points(*key, mark.maximum)
    if mark.state is not State.ABSENT or not missing:
        return mark
    said = f"{NOTHING} The policy gives {amount(missing)} points for that."
    return mark._replace(state=State.DECIDED, raw=missing, notes=(said, *mark.notes[1:]))


def chosen_attempts(record: StudentRecord) -> dict[Key, int]:
    """Return the attempts that somebody chose, and did not take back."""
    chosen = {choice.exercise: choice.attempt for choice in record.choices}
    return {key: attempt for key, attempt in chosen.items() if attempt is not None}
