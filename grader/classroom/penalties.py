"""Says what lateness does to each work of a student: points, tokens, and a sentence that explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.lateness import case_of, cost_of
from grader.classroom.local_time import shown
from grader.classroom.token_spending import spendings
from grader.classroom.wording import added

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from grader.classroom.lateness import Case, Work
    from grader.classroom.policy import Policy, Student
    from grader.classroom.token_spending import Spending


class Penalty(NamedTuple):
    """What lateness adds to the raw points of a work: `points`, not rounded: 0 or negative, or positive for a bonus.

    `sentence` explains it to the student. `tokens` are spent on this work; of exercises that are handed in together for
    one assignment, the first by name has those of all. `refused` work came after the hard end and was not accepted: it
    counts only if there is no other. Lateness costs `untimed` work nothing: it is not known when that came.
    """

    points: Decimal
    sentence: str
    tokens: int = 0
    refused: bool = False
    untimed: bool = False


def penalties(policy: Policy, works: Mapping[Student, Sequence[Work]]) -> dict[Student, list[Penalty]]:
    """Return the penalty of each work, in the order in which each student's works are given.

    Give works that count or could count: for "last" and "best" the chosen attempt of each exercise, and for
    "best_after_penalty" all attempts. In the latter case, tokens are spent only on a hand-in that earns more than those
    before it (in the sum for an assignment, if `counts_by` is "handin"), so of equal ones the earliest is to count.
    Give all of a student's works at once, since they share tokens, and the whole class if groups spend them "all or
    none".

    Tokens are spent in the order of time. Nothing depends on the order of the arguments, or on when this is called.
    """
    cases = {student: [case_of(policy, student, work) for work in theirs] for student, theirs in works.items()}
    spent = spendings(policy, cases)
    return {student: list(map(_penalty, theirs, spent[student])) for student, theirs in cases.items()}


def _penalty(case: Case, spending: Spending) -> Penalty:
    if not case.judged_by_time:
        return Penalty(cost_of(case).points, "No due date is set.")
    if case.moment is None:
        said = "It is not known when this was handed in, so nothing is taken off."
        said += " The platform called it late." if case.work.late else ""
        return Penalty(cost_of(case).points, said, untimed=True)
    if case.refused and case.deadline.hard_end:
        points, end = cost_of(case).points, shown(case.deadline.hard_end, case.zone)
        moment = shown(case.moment, case.zone)
        sentence = f"Handed in at {moment}, after the hard end at {end}: not accepted; {added(points)}."
        return Penalty(points, sentence, refused=True)
    points, how = (-case.work.raw, "") if spending.void else cost_of(case, spending.paid)
    clause = spending.clause if case.late else ""
    said = added(points) if how or points or (case.late and not clause) else ""
    explained = "; ".join(filter(None, (clause, how, said)))
    sentence = f"{case.opening}: {explained}." if explained else f"{case.opening}."
    return Penalty(points, sentence, spending.spent)
