"""What holds for any policy and any hand-ins: floors, caps and tokens are kept, and what was once said stays true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.lateness import Work
from grader.classroom.penalties import penalties
from grader.classroom.policy import Cap, Extension, People, Policy, Rule, Tokens
from grader.classroom.wording import added
from helpers.policies import ADA, BOB, EXERCISES, penalised

pytestmark = pytest.mark.light

BEGIN = datetime(2026, 10, 20, tzinfo=UTC)  # clocks in Berlin go back on the 25th
MINUTES = st.integers(0, 14 * 24 * 60)
MOMENTS = MINUTES.map(lambda minutes: BEGIN + timedelta(minutes=minutes))
HUNDREDTHS = st.integers(0, 1100).map(lambda number: Decimal(number) / 100)
PERCENT = st.integers(0, 100).map(Decimal)
CAPS = st.lists(
    st.tuples(st.integers(0, 120), st.integers(-99, 99)).map(
        lambda drawn: Cap(Decimal(drawn[0]), late=timedelta(hours=drawn[1]))
    ),
    max_size=3,
).map(tuple)
PLACES = [tuple(exercise.split("/")) for exercise in EXERCISES]
WORKS = st.lists(
    st.builds(
        lambda place, moment, raw: Work(*place, moment.isoformat(), None, raw, Decimal(10), ("ada", "bob")),
        st.sampled_from(PLACES),
        MOMENTS,
        HUNDREDTHS,
    ),
    max_size=6,
)


@st.composite
def rules(draw: st.DrawFn, lesson: str) -> Rule:
    due = draw(MOMENTS)
    return Rule(
        account=lesson,
        due=due,
        grace=draw(st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes))),
        interval=draw(st.sampled_from(["hour", "day"])),
        percent=draw(PERCENT),
        of=draw(st.sampled_from(["maximum", "score"])),
        points=draw(st.sampled_from([Decimal(0), Decimal("0.5")])),
        caps=draw(CAPS),
        percent_at_most=draw(PERCENT),
        floor_percent=draw(PERCENT),
        hard_end=draw(st.none() | st.just(due + timedelta(days=5))),
        max_tokens=draw(st.none() | st.integers(0, 3)),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    tokens = Tokens(
        draw(st.integers(0, 4)),
        too_few=draw(st.sampled_from(["penalty", "penalty for the rest", "zero"])),
        groups=draw(st.sampled_from(["each member pays", "all or none"])),
    )
    hours = draw(st.lists(st.integers(1, 99), max_size=2))
    return Policy(
        attempt=draw(st.sampled_from(["last", "best", "best_after_penalty"])),
        counts_by=draw(st.sampled_from(["exercise", "handin"])),
        rules={place: draw(rules(place[0])) for place in PLACES},
        tokens=draw(st.sampled_from([tokens, None])),
        extensions=tuple(Extension(People(frozenset({"bob"})), by=timedelta(hours=each)) for each in hours),
    )


@given(policies(), WORKS)
def test_a_penalty_leaves_at_least_nothing_and_adds_only_what_a_cap_above_100_percent_allows(
    policy: Policy, works: list[Work]
) -> None:
    for each, penalty in zip(works, penalised(policy, *works), strict=True):
        rule = policy.rule(each.lesson, each.exercise)
        highest = max([Decimal(100), *(cap.percent for cap in rule.caps)]) * each.maximum / 100
        assert 0 <= each.raw + penalty.points <= max(each.raw, highest)
        assert penalty.points <= 0 or each.raw >= each.maximum


@given(policies(), WORKS)
def test_the_floor_is_kept_and_raises_nothing(policy: Policy, works: list[Work]) -> None:
    policy = replace(policy, tokens=None)
    for each, penalty in zip(works, penalised(policy, *works), strict=True):
        rule = policy.rule(each.lesson, each.exercise)
        floor = rule.floor_percent * each.maximum / 100
        assert penalty.refused or each.raw + penalty.points >= min(each.raw, floor)
        assert each.raw > floor or penalty.refused or penalty.points >= 0


@given(policies(), WORKS, st.randoms(use_true_random=False))
def test_the_order_of_the_arguments_does_not_matter(policy: Policy, works: list[Work], random: Random) -> None:
    found = penalties(policy, {ADA: works, BOB: works})
    order = random.sample(range(len(works)), len(works))
    shuffled = penalties(policy, {BOB: [works[place] for place in order], ADA: [works[place] for place in order]})
    for student in (ADA, BOB):
        assert [found[student][place].points for place in order] == [each.points for each in shuffled[student]]
        assert sum(each.tokens for each in found[student]) == sum(each.tokens for each in shuffled[student])


@given(policies(), WORKS)
def test_no_more_tokens_are_spent_than_there_are(policy: Policy, works: list[Work]) -> None:
    tokens = policy.tokens or Tokens(0)
    assert sum(each.tokens for each in penalised(policy, *works)) <= tokens.per_term


@given(policies(), WORKS)
def test_an_extension_never_costs_points(policy: Policy, works: list[Work]) -> None:
    policy = replace(policy, tokens=None)
    without = penalised(replace(policy, extensions=()), *works, student=BOB)
    for before, after in zip(without, penalised(policy, *works, student=BOB), strict=True):
        assert after.points >= before.points


@given(policies(), WORKS, MOMENTS)
def test_what_comes_later_changes_nothing_before_it(policy: Policy, works: list[Work], moment: datetime) -> None:
    """What a student was told after a hand-in stays true, whatever is handed in and graded afterwards."""
    earlier = [each for each in works if datetime.fromisoformat(each.submitted_at or "") <= moment]
    among_all = penalties(policy, {ADA: works, BOB: works})[ADA]
    kept = [penalty for each, penalty in zip(works, among_all, strict=True) if each in earlier]
    assert penalties(policy, {ADA: earlier, BOB: earlier})[ADA] == kept


@given(policies(), WORKS)
def test_every_sentence_ends_and_tells_what_is_added(policy: Policy, works: list[Work]) -> None:
    for penalty in penalised(policy, *works):
        assert penalty.sentence.endswith(".")
        assert not penalty.points or penalty.sentence.endswith(f"{added(penalty.points)}.")
