"""The policy of a course: which attempt counts, when work is due, what lateness costs, and who has more time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

from grader.course.names import of_one_number
from grader.course.schema_faults import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Attempt = Literal["last", "best", "best_after_penalty"]
CountsBy = Literal["exercise", "handin"]
Unmeasured = Literal["pending", "required"]
TooFew = Literal["penalty", "penalty for the rest", "zero"]
GroupTokens = Literal["each member pays", "all or none"]

INTERVALS = {"hour": timedelta(hours=1), "day": timedelta(hours=24)}  # of elapsed time: clocks that change add nothing


class Student(NamedTuple):
    """Whose work it is: the key that the gradebook has, and the groups that a platform names."""

    key: str
    groups: tuple[str, ...] = ()


class Cap(NamedTuple):
    """Work that comes in time for it can earn at most `percent` of the maximum.

    It lasts until the moment `until` or until `late` after the due date (before it, if negative), and begins at
    `since`, if that is given. Above 100 percent it is a bonus for work that has all points.
    """

    percent: Decimal
    until: datetime | None = None
    late: timedelta | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Rule:
    """When an exercise is due for everybody, and what lateness costs.

    Lateness counts from `due`, and is nothing up to `grace`. Each started `interval` of it costs `percent` of the
    maximum or of the score, up to `percent_at_most` of it, or `points`; with `caps` the score is limited instead. The
    score does not fall below `floor_percent` of the maximum, except after `hard_end`, when nothing is accepted.

    `account` names the assignment whose exercises share tokens, at most `max_tokens` of them; work that was never
    handed in gets `missing_percent` of the maximum. Moments know their time zone.
    """

    account: str
    due: datetime | None = None
    grace: timedelta = timedelta(0)
    interval: Literal["hour", "day"] = "day"
    percent: Decimal = Decimal(0)
    of: Literal["maximum", "score"] = "maximum"
    points: Decimal = Decimal(0)
    caps: tuple[Cap, ...] = ()
    percent_at_most: Decimal = Decimal(100)
    floor_percent: Decimal = Decimal(0)
    hard_end: datetime | None = None
    max_tokens: int | None = None
    missing_percent: Decimal = Decimal(0)

    @property
    def costs(self) -> bool:
        """Tell whether late work that is accepted can lose points."""
        return bool(self.percent or self.points or self.caps)


class People(NamedTuple):
    """Students by key, and groups of them."""

    students: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def include(self, student: Student) -> bool:
        """Tell whether a student is one of them, alone or by a group."""
        return student.key in self.students or not self.groups.isdisjoint(student.groups)


class Allowance(NamedTuple):
    """From `since` on, these people (everybody for None) have `per_term` tokens for the term."""

    since: datetime
    per_term: int
    people: People | None = None


@dataclass(frozen=True)
class Tokens:
    """What students spend on lateness: each token takes `hours` of it away and cannot be divided.

    `too_few` says what happens if there are not enough for all of the lateness, `groups` how a group pays.
    """

    per_term: int
    hours: timedelta = timedelta(hours=24)
    too_few: TooFew = "penalty for the rest"
    groups: GroupTokens = "each member pays"
    allowances: tuple[Allowance, ...] = ()

    def granted(self, student: Student, moment: datetime) -> int:
        """Return how many tokens a student has for the term, spent ones included, as of a moment."""
        theirs = [
            each
            for each in self.allowances
            if each.since <= moment and (each.people is None or each.people.include(student))
        ]
        # `max` keeps the first of equals: of two that begin together, the later one in the file counts.
        return max(reversed(theirs), key=lambda each: each.since).per_term if theirs else self.per_term


class Extension(NamedTuple):
    """More time for some people, on everything (None) or on some exercises, as `(lesson, exercise)`.

    The due date moves by `by`, or to `due`; the hard end moves with it, or to `hard_end`.
    """

    people: People
    exercises: frozenset[tuple[str, str]] | None = None
    by: timedelta | None = None
    due: datetime | None = None
    hard_end: datetime | None = None


class Deadline(NamedTuple):
    """When work is due for one student, when the hard end is, and how far an extension moved the former."""

    due: datetime | None
    hard_end: datetime | None
    moved: timedelta = timedelta(0)


@dataclass(frozen=True)
class Policy:
    """What `rubrics/policy.toml` says; without arguments, what holds without that file: nothing is ever due.

    `gpu` and `manual` say whether points that a real model or a person has yet to decide are a part of the maximum.
    """

    zone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    attempt: Attempt = "last"
    counts_by: CountsBy = "exercise"
    decimals: int = 2
    gpu: Unmeasured = "pending"
    manual: Unmeasured = "pending"
    rules: Mapping[tuple[str, str], Rule] = field(default_factory=dict)
    tokens: Tokens | None = None
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()

    def rule(self, lesson: str, exercise: str) -> Rule:
        """Return the rule of an exercise; nothing is due of one that the course does not have."""
        return self.rules.get((lesson, exercise), Rule(lesson))

    def with_groups(self, student: Student) -> Student:
        """Return a student with the groups that the policy puts them into, too."""
        added = self._groups_of.get(student.key, ())
        return student._replace(groups=tuple(sorted({*student.groups, *added}))) if added else student

    @cached_property
    def _groups_of(self) -> Mapping[str, Sequence[str]]:
        found = defaultdict(list)
        for name, students in self.groups.items():
            for key in students:
                found[key].append(name)
        return found

    def deadline(self, student: Student, lesson: str, exercise: str) -> Deadline:
        """Return when an exercise is due for a student: of several extensions, the longest counts."""
        rule, student = self.rule(lesson, exercise), self.with_groups(student)
        moved, hard_end = timedelta(0), rule.hard_end
        for each in self.extensions:
            if each.people.include(student) and (each.exercises is None or (lesson, exercise) in each.exercises):
                by = each.by or (each.due - rule.due if each.due and rule.due else timedelta(0))
                moved = max(moved, by)
                if hard_end and rule.hard_end:
                    hard_end = max(hard_end, each.hard_end or rule.hard_end + by)
        return Deadline(rule.due and rule.due + moved, hard_end, moved)

    def strangers(self, students: Iterable[Student]) -> list[str]:
        """Return a sentence on each name in the policy that is neither one of these students nor one of their groups.

        A misspelt name in an extension costs somebody points, and nothing else would show it.
        """
        known = list(students)
        keys = {student.key for student in known}
        groups = {name for student in known for name in student.groups} | self.groups.keys()
        return [
            f"rubrics/policy.toml names a {kind} `{name}` {pronoun} nobody knows: "
            f"{suggestion(name, of_one_number(name, candidates), 'correct or remove the name.')}"
            for kind, pronoun, named, candidates in (
                ("student", "whom", {name for people in self._people() for name in people.students}, keys),
                ("group", "which", {name for people in self._people() for name in people.groups}, groups),
            )
            for name in sorted(named - candidates)
        ]

    def _people(self) -> Iterator[People]:
        yield from (extension.people for extension in self.extensions)
        yield from (People(students) for students in self.groups.values())
        yield from (each.people for each in (self.tokens.allowances if self.tokens else ()) if each.people)

    def missing_points(self, lesson: str, exercise: str, maximum: Decimal) -> Decimal:
        """Return the points for an exercise of `maximum` points that was never handed in, not rounded."""
        return maximum * self.rule(lesson, exercise).missing_percent / 100


def rounded(points: Decimal, policy: Policy) -> Decimal:
    """Round points to the policy's decimals, half up; do it once, on what is shown at the end."""
    return points.quantize(Decimal(1).scaleb(-policy.decimals), rounding=ROUND_HALF_UP)
