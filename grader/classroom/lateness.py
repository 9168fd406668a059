"""Computes what the lateness of one work costs, from the times that it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.local_time import handed_in, shown
from grader.classroom.policy import INTERVALS
from grader.classroom.wording import amount, counted, duration

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from grader.classroom.policy import Cap, Deadline, Policy, Rule, Student

_NONE = timedelta(0)
_ALL = Decimal(100)  # percent


class Work(NamedTuple):
    """One exercise of one hand-in: what it earned before any penalty, and when it came.

    `submitted_at` is in ISO 8601 form (a local time of the course if it has no offset), None if unknown; `late` is what
    a platform says. `raw` and `maximum` are points, those by hand included. `members` are the keys of all students who
    made it together.
    """

    lesson: str
    exercise: str
    submitted_at: str | None
    late: bool | None
    raw: Decimal
    maximum: Decimal
    members: tuple[str, ...] = ()


class Cost(NamedTuple):
    """What is added to the raw points, 0 or negative (positive for a bonus), and how that was computed, in words."""

    points: Decimal
    how: str = ""


@dataclass(frozen=True)
class Case:
    """A work with everything that its lateness is judged by; `late` is 0 within the grace."""

    work: Work
    rule: Rule
    deadline: Deadline
    zone: tzinfo
    moment: datetime | None

    @property
    def after_due(self) -> timedelta:
        """The time since the due date, negative before it; 0 if either is unknown."""
        if self.moment is None or self.deadline.due is None:
            return _NONE
        return self.moment - self.deadline.due

    @property
    def late(self) -> timedelta:
        """How late the work is: nothing up to the grace, and then all the time since the due date."""
        return self.after_due if self.after_due > self.rule.grace else _NONE

    @property
    def refused(self) -> bool:
        """Whether the work came after the hard end."""
        end = self.deadline.hard_end
        return bool(self.moment and end and self.moment > end)

    @property
    def judged_by_time(self) -> bool:
        """Whether any time matters for this work."""
        return bool(self.deadline.due or self.deadline.hard_end or any(cap.until for cap in self.rule.caps))

    @property
    def opening(self) -> str:
        """How the sentence on this work begins: how late it is, without a full stop."""
        late, due = self.after_due > _NONE, self.deadline.due
        if due is None:
            said = f"Handed in at {shown(self.moment, self.zone)}" if self.moment else ""
        elif not late:
            said = "Handed in on time"
        elif not self.late:
            said = f"{duration(self.after_due)} late, within the grace of {duration(self.rule.grace)}"
        else:
            said = f"{duration(self.late)} late"
        extended = f" (due at {shown(due, self.zone)}, by an extension)" if due and self.deadline.moved else ""
        return f"{said}{extended}"


def case_of(policy: Policy, student: Student, work: Work) -> Case:
    """Return what a student's work is judged by."""
    moment = handed_in(work.submitted_at, policy.zone)
    place = work.lesson, work.exercise
    return Case(work, policy.rule(*place), policy.deadline(student, *place), policy.zone, moment)


def cost_of(case: Case, paid: timedelta = _NONE) -> Cost:
    """Return what a work's lateness costs if tokens have `paid` for some of it."""
    if case.moment is None:
        return Cost(Decimal(0))
    if case.refused:
        return Cost(-case.work.raw)
    if case.rule.caps:
        return _capped(case, paid)
    rest = max(case.late - paid, _NONE)
    return _by_interval(case, -(-rest // INTERVALS[case.rule.interval])) if rest else Cost(Decimal(0))


def _by_interval(case: Case, started: int) -> Cost:
    rule, work = case.rule, case.work
    intervals = f"{started} started {rule.interval}{'s' if started > 1 else ''}"
    each = " each" if started > 1 else ""
    if rule.points:
        return _not_below_floor(case, started * rule.points, f"{intervals} at {counted(rule.points, 'point')}{each}")
    if not rule.percent:
        return Cost(Decimal(0))
    of_maximum = rule.of == "maximum"
    basis = work.maximum if of_maximum else work.raw
    percent = min(started * rule.percent, rule.percent_at_most)
    points = counted(basis, "point") if of_maximum else f"the {counted(basis, 'point')} earned"
    how = f"{intervals} at {amount(rule.percent)} % of {points}{each}"
    if percent < started * rule.percent:
        how += f", {amount(percent)} % at most"
    return _not_below_floor(case, basis * percent / 100, how)


def _capped(case: Case, paid: timedelta) -> Cost:
    work, known = case.work, bool(case.deadline.due)
    caps = [cap for cap in case.rule.caps if cap.until or known]
    if not caps:
        return Cost(Decimal(0))
    best = max((cap for cap in caps if _is_open(case, cap, paid)), key=lambda cap: cap.percent, default=None)
    if best is None:
        return _not_below_floor(case, work.raw, "no points can be earned at this time")
    allowed = work.maximum * best.percent / 100
    share = f"{amount(best.percent)} % of {counted(work.maximum, 'point')}"
    if best.percent > _ALL:
        # As in PrairieLearn: the bonus is for those who have everything.
        bonus = allowed - work.raw if work.raw >= work.maximum else Decimal(0)
        return Cost(bonus, f"early work with all points counts {share}") if bonus > 0 else Cost(Decimal(0))
    if best.percent == _ALL:
        return Cost(Decimal(0))
    return _not_below_floor(case, max(work.raw - allowed, Decimal(0)), f"at most {share} can be earned")


def _is_open(case: Case, cap: Cap, paid: timedelta) -> bool:
    """Tell whether a work comes in time for a cap; extensions and tokens make it earlier, but not earlier than due."""
    if case.moment is None or (cap.since and case.moment < cap.since):
        return False
    due, moved = case.deadline.due, case.deadline.moved
    after_due = max(case.late - paid, _NONE) if case.after_due > _NONE else case.after_due
    if cap.until is None:
        return cap.late is not None and after_due <= cap.late
    return after_due <= cap.until + moved - due if due else case.moment <= cap.until + moved


def _not_below_floor(case: Case, lost: Decimal, how: str) -> Cost:
    """Return a cost that leaves the floor, and what was already below it."""
    work, rule = case.work, case.rule
    floor = work.maximum * rule.floor_percent / 100
    left = max(work.raw - lost, min(work.raw, floor), Decimal(0))
    if left > work.raw - lost:
        limit = f"{amount(rule.floor_percent)} % of {counted(work.maximum, 'point')}"
        how += f"; lateness takes no score below {limit}" if floor else "; no more than was earned"
    return Cost(left - work.raw, how)
