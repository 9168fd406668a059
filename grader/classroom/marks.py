"""The mark of a student for an exercise: what its checks and people gave, and what is still open."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.local_time import handed_in
from grader.classroom.policy import Policy, rounded
from grader.classroom.wording import amount
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from grader.classroom.joining import Joined
    from grader.classroom.records import Attempt, HandMark, Key, Stored, StudentRecord
    from grader.results import CriterionResult, ExerciseResult


class State(StrEnum):
    """Whether there is a mark, and if not, why."""

    DECIDED = "decided"
    ABSENT = "absent"  # nothing was handed in
    UNREAD = "unread"  # there is work, and it could not be read or it is not clear which one counts
    BROKEN = "broken"  # the grader broke
    UNGRADED = "ungraded"  # the hand-in was not graded on this exercise


HELD_BACK = "The mark is held back:"  # how the reason begins why an exercise of a hand-in could not be read
BROKEN = "The grader broke on this exercise: grade it again."
NOTHING = "Nothing was handed in."
_ZERO = Decimal(0)


class CriterionMark(NamedTuple):
    """What one criterion gave: by its checks or, with `by`, by a person who said why; None if it is pending.

    Without `by`, `why` is the remark of its result.
    """

    title: str
    points: Decimal | None
    maximum: Decimal
    by: str = ""
    why: str = ""


class Mark(NamedTuple):
    """The mark of an exercise.

    `raw` is what checks and people gave, None if nothing is decided; `penalty` is what lateness adds to it, mostly
    less than 0, and `lateness` says why. It is not known when `untimed` work came. `override` stands in place of all
    criteria. `maximum` leaves out what is `pending`. `attempt` is the number of the one that counts; `code_attempt` and
    `answer_attempt` are those that its code and its answer in text are taken from, mostly the same. `since` is the one
    that brought the same code first, whose time lateness is judged by. `passed_over` are later ones that could not be
    graded. `notes` are sentences on what is not as usual.
    """

    exercise: Key
    state: State
    raw: Decimal | None
    maximum: Decimal
    criteria: Sequence[CriterionMark] = ()
    override: HandMark | None = None
    pending: Decimal = _ZERO
    penalty: Decimal = _ZERO
    lateness: str = ""
    untimed: bool = False
    tokens: int = 0
    attempt: int | None = None
    code_attempt: int | None = None
    answer_attempt: int | None = None
    since: int | None = None
    stored: Stored | None = None
    passed_over: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> Decimal | None:
        """The points that count: what was earned, with what lateness takes off."""
        return None if self.raw is None else self.raw + self.penalty

    @property
    def told(self) -> list[CriterionMark]:
        """The criteria that say something: nothing is pending of missing work, or beside points that were set."""
        waits = self.stored is not None and self.override is None
        return [each for each in self.criteria if waits or each.points is not None]

    @property
    def hoped_for(self) -> Decimal:
        """The points that somebody may still give for an answer in text, 0 without one."""
        if self.stored is None or self.answer_attempt is None:
            return _ZERO
        manual = {each.title for each in self.stored.result.criteria if each.manual}
        return sum((c.maximum for c in self.criteria if c.points is None and c.title in manual), _ZERO)

    @property
    def by_hand(self) -> Decimal:
        """Those of the raw points that a person gave."""
        if self.override is not None:
            return Decimal(str(self.override.points))
        return sum((c.points for c in self.criteria if c.by and c.points is not None), _ZERO)


class StudentMarks(NamedTuple):
    """A student's marks for some exercises by a policy; `record` has everything else."""

    record: StudentRecord
    marks: Mapping[Key, Mark]
    policy: Policy = Policy()

    @property
    def maximum(self) -> Decimal:
        """The points that could be had, without what is pending."""
        return sum((mark.maximum for mark in self.marks.values()), _ZERO)

    @property
    def pending(self) -> Decimal:
        """The points that a person, or a real model, has still to give."""
        return sum((mark.pending for mark in self.marks.values()), _ZERO)

    @property
    def penalty(self) -> Decimal:
        """What lateness takes off in all."""
        return sum((mark.penalty for mark in self.marks.values() if mark.raw is not None), _ZERO)

    def rounded(self, points: Decimal) -> Decimal:
        """Round points as the policy says."""
        return rounded(points, self.policy)


def raw_mark(
    record: StudentRecord,
    key: Key,
    worth: ExerciseResult,
    joined: Joined | None,
    policy: Policy,
    answered: Container[int] = (),
) -> Mark:
    """Return the mark that an attempt gives for an exercise before lateness, or that of no attempt for None.

    Points by hand count for every attempt, apart from those that were given for one of the `answered` attempts, which
    have an answer in text: without an answer, they mean nothing.
    """
    attempt, stored = (joined.attempt, joined.stored) if joined is not None else (None, None)
    without = joined is not None and joined.answer is None
    kept = [mark for mark in record.hand_marks if mark.exercise == key]
    left_out = [mark for mark in kept if without and mark.criterion and mark.attempt in answered]
    given = {mark.criterion: mark for mark in kept if mark not in left_out}
    override = given.get("")
    override = override if override is not None and override.points is not None else None
    result = stored.result if stored is not None else worth
    criteria = [_criterion(each, given) for each in result.criteria]
    if stored is None:
        criteria = [each if each.by else each._replace(points=None) for each in criteria]
    pending = [
        each
        for each, known in zip(criteria, result.criteria, strict=True)
        if each.points is None and _may_wait(known, policy)
    ]
    full = Decimal(str(result.max_points))
    maximum = full - sum((each.maximum for each in pending), _ZERO)
    raw: Decimal | None = None
    if override is not None:
        raw = Decimal(str(override.points))
        pending, maximum = [], full
    elif stored is not None:
        automatic = _automatic(stored.result)
        raw = automatic + sum((each.points for each in criteria if each.by and each.points is not None), _ZERO)
    state, why = (State.DECIDED, "") if stored is not None else _undecided(record, key)
    by_hand = {criterion.title for criterion in result.criteria if criterion.manual}
    passed_over = _passed_over(in_order_of_time(record.attempts, policy), key, attempt)
    notes = _notes(record, key, attempt, override, passed_over, by_hand, given)
    notes += [
        f"{mark.points:.10g} points for `{title}` were given for the answer of attempt {mark.attempt}, and do not "
        "count without it."
        for title, mark in {mark.criterion: mark for mark in left_out}.items()
        if mark.points is not None
    ]
    return Mark(
        key, State.DECIDED if override is not None else state, raw, maximum, criteria, override,
        sum((each.maximum for each in pending), _ZERO), attempt=attempt.number if attempt is not None else None,
        code_attempt=joined.code if joined is not None else None,
        answer_attempt=joined.answer if joined is not None else None,
        stored=stored, passed_over=tuple(later.number for later in passed_over),
        notes=tuple(filter(None, [why, *notes])),
    )  # fmt: skip


def in_order_of_time(attempts: Sequence[Attempt], policy: Policy) -> list[Attempt]:
    """Return attempts as they were handed in: by the platform's time if all have one, else as they were received."""
    received = sorted(attempts, key=lambda attempt: attempt.number)
    timed = [(moment, each) for each in received if (moment := handed_in(each.submitted_at, policy.zone)) is not None]
    return [each for _, each in sorted(timed, key=lambda pair: pair[0])] if len(timed) == len(received) else received


def _automatic(result: ExerciseResult) -> Decimal:
    return Decimal(str(result.points))


def _criterion(criterion: CriterionResult, given: Mapping[str, HandMark]) -> CriterionMark:
    maximum = Decimal(str(criterion.max_points))
    mark = given.get(criterion.title) if criterion.manual else None
    if mark is not None and mark.points is not None:
        return CriterionMark(criterion.title, Decimal(str(mark.points)), maximum, mark.author, mark.why)
    waits = criterion.outcome is Outcome.SKIPPED or criterion.manual
    points = None if waits else Decimal(str(criterion.points))
    return CriterionMark(criterion.title, points, maximum, why=criterion.remark)


def _may_wait(criterion: CriterionResult, policy: Policy) -> bool:
    """Tell whether points that nobody has given yet leave the maximum."""
    if criterion.manual:
        return policy.manual == "pending"
    return criterion.outcome is Outcome.SKIPPED and policy.gpu == "pending"


def _notes(
    record: StudentRecord,
    key: Key,
    attempt: Attempt | None,
    override: HandMark | None,
    passed_over: Sequence[Attempt],
    by_hand: Container[str],
    given: Mapping[str, HandMark],
) -> list[str]:
    notes = []
    chosen = [choice for choice in record.choices if choice.exercise == key][-1:]
    if chosen and chosen[0].attempt is not None:
        choice = chosen[0]
        counts = attempt is not None and attempt.number == choice.attempt
        notes.append(
            f"{choice.author} chose attempt {choice.attempt}"
            + (f": {choice.why}" if counts else f", which could not be graded, and {_instead(attempt)}")
        )
    else:
        notes += [
            f"Attempt {later.number} does not count, because it could not be graded: {_not_counted(later, key)}"
            for later in passed_over
        ]
    if override is not None and attempt is not None:
        now = _automatic(attempt.results[key].result)
        if override.automatic is not None and now != Decimal(str(override.automatic)):
            notes.append(
                f"{override.author} set {override.points:.10g} points when the checks gave {override.automatic:.10g}; "
                f"now they give {amount(now)}. The points that were set stand."
            )
    for title, mark in given.items():
        if title and title not in by_hand and mark.points is not None:
            notes.append(
                f"{mark.author} gave {mark.points:.10g} points for `{title}`, which is not a criterion that a person "
                "marks any more: they do not count."
            )
    return notes


def _instead(attempt: Attempt | None) -> str:
    return "no other attempt could be graded" if attempt is None else f"attempt {attempt.number} counts instead"


def _passed_over(in_time: Sequence[Attempt], key: Key, attempt: Attempt | None) -> list[Attempt]:
    """Return later attempts than the one that counts, of which nobody knows what they would have given."""
    if attempt is None:
        return []
    return [later for later in in_time[in_time.index(attempt) + 1 :] if _not_counted(later, key)]


def _not_counted(attempt: Attempt, key: Key) -> str:
    """Return why an attempt does not count for an exercise, "" if it could."""
    if attempt.problem:
        return attempt.problem
    stored = attempt.results.get(key)
    return "" if stored is None or stored.decided else _held_back(stored) or f"{BROKEN}{_complaint(stored)}"


def _complaint(stored: Stored) -> str:
    """Return the first line of what the grader said when it broke, "" if a hidden check said it: students read this."""
    public = (check for check in stored.result.checks if check.visibility == "public")
    messages = (check.message for check in public if check.outcome is Outcome.ERROR)
    first = next((said.partition("\n")[0] for said in messages if said), "")
    return f" It said: {first}" if first else ""


def _held_back(stored: Stored) -> str:
    """Return why work that is there could not be read, "" if it is the grader that broke."""
    messages = (check.message for check in stored.result.checks if check.outcome is Outcome.ERROR)
    return next((said.removeprefix(HELD_BACK).strip() for said in messages if said.startswith(HELD_BACK)), "")


def _undecided(record: StudentRecord, key: Key) -> tuple[State, str]:
    if not record.attempts:
        return State.ABSENT, NOTHING
    for attempt in reversed(record.attempts):
        if reason := _not_counted(attempt, key):
            return State.BROKEN if reason.startswith(BROKEN) else State.UNREAD, reason
    return State.UNGRADED, "No hand-in was graded on this exercise."
