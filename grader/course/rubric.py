"""What the checks of an exercise are worth, and the points that their results earn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from grader.results import CriterionResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.course.model import Tier
    from grader.results import CheckResult, Visibility

CALL_SECONDS = 5.0
BESIDE_OTHERS = "counts once another criterion has points"
EXAMPLES = "examples"  # what stands for a check where a criterion is about the examples that a student writes


@dataclass(frozen=True)
class Criterion:
    """Points that are given when all of its checks pass or, if `manual`, by a person.

    With `tier` "gpu" they can be had on a real model only; until then the criterion is pending. `beside_others` are
    given only to whoever meets another criterion, too: that something has no effect also holds if nothing is done.
    `examples`, if it is not 0, is the share of the known mistakes that a student's own examples must catch, all of
    which must be right; `EXAMPLES` is then the only check.
    """

    title: str
    points: float
    visibility: Visibility
    checks: tuple[str, ...]
    tier: Tier = "cpu"
    manual: bool = False
    beside_others: bool = False
    examples: float = 0.0


@dataclass(frozen=True)
class ExerciseRubric:
    """What an exercise is worth, and the rules for a submission to it.

    `forbidden` names the modules that it may not import; `call_seconds` the CPU time one call may take. After
    `locate_after` failed tries, `grade locate` is mentioned, never for 0.
    """

    points: float
    criteria: tuple[Criterion, ...]
    forbidden: tuple[str, ...] = ()
    call_seconds: float = CALL_SECONDS
    locate_after: int = 0

    def criterion_of(self, check: str) -> Criterion | None:
        """Return the criterion that counts a check, None for a practice question."""
        return next((criterion for criterion in self.criteria if check in criterion.checks), None)

    @property
    def of_examples(self) -> Criterion | None:
        """The criterion that is about a student's own examples, None if there is none."""
        return next((criterion for criterion in self.criteria if criterion.examples), None)

    @property
    def by_hand(self) -> bool:
        """Whether a person marks a part of it."""
        return any(criterion.manual for criterion in self.criteria)


def mark(rubric: ExerciseRubric, checks: Sequence[CheckResult]) -> tuple[CriterionResult, ...]:
    """Return the criteria of an exercise with the points that the results of its checks earn.

    A criterion's points are given when all of its checks passed. Otherwise it has none, and its outcome is
    error if a check has error, else failed if one failed, else skipped. A manual criterion is skipped. One that only
    counts beside others is failed if none of these is passed, and skipped as long as all of them are pending. Of
    examples that are not decided here, the remark says what there is.

    Raises:
        ValueError: the results are not those of the rubric's checks, each exactly once.
    """
    outcomes = {check.name: check.outcome for check in checks}
    needed = {name for criterion in rubric.criteria for name in criterion.checks}
    odd = (needed ^ outcomes.keys()) | {check.name for check in checks if _count(checks, check.name) > 1}
    if odd:
        raise ValueError(f"Each check of the rubric needs exactly one result; that is not so for {sorted(odd)}.")
    marked = [_mark(criterion, [outcomes[name] for name in criterion.checks]) for criterion in rubric.criteria]
    if rubric.of_examples is not None and outcomes[EXAMPLES] is Outcome.SKIPPED:
        place = rubric.criteria.index(rubric.of_examples)
        noted = next(check.message for check in checks if check.name == EXAMPLES)
        marked[place] = msgspec.structs.replace(marked[place], remark=noted)
    others = {result.outcome for result, each in zip(marked, rubric.criteria, strict=True) if not each.beside_others}
    if others.isdisjoint((Outcome.PASSED, Outcome.ERROR)):
        instead = Outcome.FAILED if Outcome.FAILED in others else Outcome.SKIPPED
        return tuple(_without_points(result, instead) for result in marked)
    return tuple(marked)


def _count(checks: Sequence[CheckResult], name: str) -> int:
    return sum(check.name == name for check in checks)


def _without_points(result: CriterionResult, outcome: Outcome) -> CriterionResult:
    if result.outcome is not Outcome.PASSED:
        return result
    return msgspec.structs.replace(result, points=0.0, outcome=outcome, remark=BESIDE_OTHERS)


def _mark(criterion: Criterion, outcomes: list[Outcome]) -> CriterionResult:
    if outcomes and all(outcome is Outcome.PASSED for outcome in outcomes):
        outcome = Outcome.PASSED
    else:
        # What passed among skipped ones proves only a part: the criterion is pending, not passed.
        bad = [outcome for outcome in (Outcome.ERROR, Outcome.FAILED) if outcome in outcomes]
        outcome = bad[0] if bad else Outcome.SKIPPED
    return CriterionResult(
        title=criterion.title,
        points=criterion.points if outcome is Outcome.PASSED else 0.0,
        max_points=criterion.points,
        outcome=outcome,
        visibility=criterion.visibility,
        checks=criterion.checks,
        manual=criterion.manual,
    )
