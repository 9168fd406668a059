"""Spends tokens on late hand-ins, in the order of time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.lateness import cost_of
from grader.classroom.wording import counted, duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.classroom.lateness import Case
    from grader.classroom.policy import Policy, Student, Tokens

_NEVER = datetime.max.replace(tzinfo=UTC)


class Spending(NamedTuple):
    """What tokens do for a work: the time that they pay for, how many it spends, and a clause that says so.

    If it is `void`, there were too few, and the policy gives no points for such work.
    """

    paid: timedelta = timedelta(0)
    spent: int = 0
    clause: str = ""
    void: bool = False


class _Handin(NamedTuple):
    """What a student handed in at one moment for one assignment; `places` say where its cases are among theirs."""

    student: Student
    places: tuple[int, ...]
    cases: tuple[Case, ...]

    @property
    def account(self) -> tuple[Student, str]:
        return self.student, self.cases[0].rule.account

    @property
    def members(self) -> frozenset[str]:
        return frozenset(member for case in self.cases for member in case.work.members)


class _Request(NamedTuple):
    """How many tokens a hand-in needs that its assignment has not had yet.

    Of the tokens that are `left` for the term, `available` ones can be spent on it.
    """

    needed: int
    available: int
    left: int

    @property
    def short(self) -> bool:
        return self.needed > self.available


def spendings(policy: Policy, cases: Mapping[Student, Sequence[Case]]) -> dict[Student, list[Spending]]:
    """Return what tokens do for each case, in the order in which each student's cases are given.

    The tokens that a hand-in spends are on its first case by name.
    """
    found = {student: [Spending()] * len(theirs) for student, theirs in cases.items()}
    if policy.tokens is None:
        return found
    accounts = _Accounts(policy, policy.tokens)
    for handins in _in_order_of_time(cases):
        requests = {handin.student.key: accounts.request(handin) for handin in handins}
        # Everybody's request is made before anybody pays: members of a group are asked at the same moment.
        for handin in handins:
            spending = accounts.spend(handin, requests)
            for place in handin.places:
                found[handin.student][place] = spending
                spending = spending._replace(spent=0)
    return found


def _in_order_of_time(cases: Mapping[Student, Sequence[Case]]) -> Iterator[list[_Handin]]:
    """Yield the hand-ins of the class, those of one moment and one assignment together."""
    together: dict[tuple[datetime, datetime, str], dict[Student, list[int]]] = defaultdict(lambda: defaultdict(list))
    for student, theirs in cases.items():
        for place, case in enumerate(theirs):
            if case.moment is not None and not case.refused:
                key = case.moment, case.rule.due or _NEVER, case.rule.account
                together[key][student].append(place)
    for key in sorted(together):
        yield [
            _Handin(student, tuple(ordered), tuple(cases[student][place] for place in ordered))
            for student, places in together[key].items()
            for ordered in [sorted(places, key=lambda place: _name(cases[student][place]))]
        ]


def _name(case: Case) -> tuple[str, str, Decimal]:
    return case.work.lesson, case.work.exercise, case.work.raw


@dataclass
class _Accounts:
    """What each student has spent in the term and on each assignment, and the best points so far."""

    policy: Policy
    tokens: Tokens
    spent: dict[Student, int] = field(default_factory=lambda: defaultdict(int))
    spent_on: dict[tuple[Student, str], int] = field(default_factory=lambda: defaultdict(int))
    best: dict[tuple[Student, str], Decimal] = field(default_factory=dict)

    def request(self, handin: _Handin) -> _Request:
        first, before = handin.cases[0], self.spent_on[handin.account]
        lateness = [case.late for case in handin.cases if case.rule.costs or self.tokens.too_few == "zero"]
        needed = -(-max(lateness, default=timedelta(0)) // self.tokens.hours) - before
        student = self.policy.with_groups(handin.student)
        left = max(self.tokens.granted(student, first.moment or _NEVER) - self.spent[handin.student], 0)
        most = first.rule.max_tokens
        available = left if most is None else max(min(left, most - before), 0)
        return _Request(max(needed, 0), available, left)

    def spend(self, handin: _Handin, requests: Mapping[str, _Request]) -> Spending:
        own, before = requests[handin.student.key], self.spent_on[handin.account]
        mates = [requests[key] for key in handin.members & requests.keys()]
        asked = [own, *mates] if self.tokens.groups == "all or none" else [own]
        available = min((each.available for each in asked if each.short), default=own.needed)
        short = available < own.needed
        spent = own.needed
        if short:
            spent = available if self.tokens.too_few == "penalty for the rest" else 0
        void = short and self.tokens.too_few == "zero"
        paid = (before + spent) * self.tokens.hours
        if not self._improves(handin, paid, void) and spent:
            clause = "no token is spent, since an earlier hand-in counts for as much"
            return Spending(before * self.tokens.hours, clause=clause)
        self.spent[handin.student] += spent
        self.spent_on[handin.account] += spent
        return Spending(paid, spent, self._clause(own, before, spent, available), void)

    def _improves(self, handin: _Handin, paid: timedelta, void: bool) -> bool:
        """Note what a hand-in earns if tokens have paid, and tell whether any of that is more than before.

        Where it is not the best attempt that counts, every hand-in is taken for one.
        """
        earned: dict[tuple[Student, str], Decimal] = {}
        for case in handin.cases:
            points = Decimal(0) if void else case.work.raw + cost_of(case, paid).points
            if self.policy.counts_by == "exercise":
                exercise = handin.student, f"{case.work.lesson}/{case.work.exercise}"
                earned[exercise] = max(points, earned.get(exercise, points))
            else:
                earned[handin.account] = points + earned.get(handin.account, Decimal(0))
        improved = {key: points for key, points in earned.items() if key not in self.best or points > self.best[key]}
        self.best |= improved
        return bool(improved) or self.policy.attempt != "best_after_penalty"

    def _clause(self, own: _Request, before: int, spent: int, available: int) -> str:
        pays = "pays" if spent == 1 else "pay"
        left = own.left - spent
        if spent == own.needed:
            if spent:
                return (
                    f"{counted(spent, 'token')} {pays} for it, and {left or 'none'} {'are' if left > 1 else 'is'} left"
                )
            return (
                f"{counted(before, 'token')} that paid for an earlier hand-in also {pays} for this one"
                if before
                else ""
            )
        needs = f"{counted(own.needed, 'token')} {'is' if own.needed == 1 else 'are'} needed"
        can = f"{available} can be spent" if available == own.available else "not every member of the group has enough"
        if self.tokens.too_few == "zero":
            return f"{needs} and {can}, so no points count"
        if spent:
            return f"{needs} and {can}; {counted(spent, 'token')} {pays} for {duration(spent * self.tokens.hours)}"
        return f"{needs} and {can}, so none is spent"
