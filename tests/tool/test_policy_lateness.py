"""What lateness costs by a policy: days with grace, caps, extensions and tokens, and times when clocks change."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from grader.classroom.penalties import Penalty, penalties
from grader.classroom.policy import Policy, rounded
from grader.classroom.policy_file import load_policy
from helpers.policies import ADA, BOB, DUE, HEAD, course_with, expected, penalised, points, read, work

pytestmark = pytest.mark.light


def test_without_a_file_nothing_is_due(tmp_path: Path) -> None:
    policy = load_policy(course_with(tmp_path, None))
    assert policy == Policy()
    assert (policy.attempt, policy.counts_by, policy.decimals) == ("last", "exercise", 2)
    assert penalised(policy, work("2026-12-24T00:00:00")) == [Penalty(Decimal(0), "No due date is set.")]


# --- the rules of syllabi ------------------------------------------------------------------------------------------

SYLLABUS = f"""[tokens]
per_term = 3

[lessons.numbers]
{DUE}
grace_minutes = 15
percent = 10
percent_at_most = 30
hard_end_hours = 168

[lessons.letters]
due = 2026-12-08T23:59:00
percent = 20
of = "score"
"""


def test_tokens_of_24_hours_are_spent_in_the_order_of_time(tmp_path: Path) -> None:
    works = [work("2026-12-10T12:00:00", 8, at="letters/upper"), work("2026-12-03T02:00:00")]
    assert penalised(read(tmp_path, SYLLABUS), *works) == [
        Penalty(
            Decimal("-1.6"),
            "1 day and 12 hours late: 2 tokens are needed and 1 can be spent; 1 token pays for 1 day; "
            "1 started day at 20 % of the 8 points earned; -1.6 points.",
            tokens=1,
        ),
        Penalty(Decimal(0), "1 day and 2 hours late: 2 tokens pay for it, and 1 is left.", tokens=2),
    ]


def test_tokens_are_indivisible(tmp_path: Path) -> None:
    [penalty] = penalised(read(tmp_path, SYLLABUS), work("2026-12-02T00:15:00"))  # sixteen minutes
    assert penalty.tokens == 1


def test_exercises_of_one_lesson_share_the_tokens_that_are_spent_on_it(tmp_path: Path) -> None:
    policy = read(tmp_path, SYLLABUS)
    together = [work("2026-12-02T12:00:00", at="numbers/twice"), work("2026-12-02T12:00:00")]
    later = work("2026-12-03T12:00:00", at="numbers/twice")
    found = penalised(policy, *together, later)
    assert [each.tokens for each in found] == [0, 1, 1]
    assert [each.points for each in found] == [0, 0, 0]


def test_an_exercise_with_a_due_date_of_its_own_has_tokens_of_its_own(tmp_path: Path) -> None:
    policy = read(tmp_path, SYLLABUS + f"[lessons.numbers.exercises.twice]\n{DUE}\n")
    together = [work("2026-12-02T12:00:00", at="numbers/twice"), work("2026-12-02T12:00:00")]
    assert [each.tokens for each in penalised(policy, *together)] == [1, 1]


@pytest.mark.parametrize(
    ("too_few", "taken", "tokens"), [("penalty for the rest", -1, 3), ("penalty", -4, 0), ("zero", -10, 0)]
)
def test_what_happens_without_enough_tokens_can_be_chosen(
    tmp_path: Path, too_few: str, taken: int, tokens: int
) -> None:
    policy = read(tmp_path, f"[tokens]\nper_term = 3\ntoo_few = '{too_few}'\n[defaults]\n{DUE}\npercent = 10\n")
    [penalty] = penalised(policy, work("2026-12-05T12:00:00"))
    assert (penalty.points, penalty.tokens) == (taken, tokens)


GROUPS = f"[defaults]\n{DUE}\npercent = 10\n[lessons.letters]\ndue = 2026-12-08T23:59:00\n[tokens]\nper_term = 1\n"


@pytest.mark.parametrize(
    ("groups", "adas", "bobs"), [("each member pays", (0, 1), (-1, 0)), ("all or none", (-1, 0), (-1, 0))]
)
def test_a_groups_hand_in_charges_every_member_or_needs_all_to_have_one(
    tmp_path: Path, groups: str, adas: tuple[int, int], bobs: tuple[int, int]
) -> None:
    policy = read(tmp_path, f"{GROUPS}groups = '{groups}'\n")
    shared = work("2026-12-09T12:00:00", at="letters/upper", members=("ada", "bob"))
    alone = work("2026-12-02T12:00:00")  # Bob's only token
    found = penalties(policy, {ADA: [shared], BOB: [shared, alone]})
    assert [(each.points, each.tokens) for each in found[ADA]] == [adas]
    assert [(each.points, each.tokens) for each in found[BOB]] == [bobs, (0, 1)]


def test_a_group_that_can_pays_once_for_each_member(tmp_path: Path) -> None:
    policy = read(tmp_path, f"{GROUPS}groups = 'all or none'\n")
    shared = work("2026-12-02T12:00:00", members=("ada", "bob"))
    found = penalties(policy, {ADA: [shared], BOB: [shared]})
    assert [(each.points, each.tokens) for theirs in found.values() for each in theirs] == [(0, 1), (0, 1)]


@pytest.mark.parametrize(
    ("submitted_at", "taken"),
    [
        ("2026-12-02T00:14:00", 0),  # up to the grace it is nothing
        ("2026-12-02T00:14:01", -1),
        ("2026-12-02T23:59:01", -2),  # after it, lateness counts from the due date
        ("2026-12-04T23:59:00", -3),
        ("2026-12-08T23:59:00", -3),  # not more than 30 %
        ("2026-12-08T23:59:01", -10),  # after the hard end
    ],
)
def test_ten_percent_a_day_with_grace_and_a_hard_end(tmp_path: Path, submitted_at: str, taken: int) -> None:
    policy = read(tmp_path, SYLLABUS.replace("[tokens]\nper_term = 3\n", ""))
    assert points(policy, work(submitted_at)) == expected(taken)


# --- tables that add up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("due", ["", f"{DUE}\n"])
def test_windows_end_later_with_an_extension_and_do_not_begin_later(tmp_path: Path, due: str) -> None:
    windows = "caps = [{ from = 2026-11-01T00:00:00, until = 2026-12-02T00:00:00, percent = 100 }]\n"
    policy = read(tmp_path, f"[defaults]\n{due}{windows}[[extensions]]\nstudents = ['bob']\nhours = 48\n")
    works = [work("2026-11-01T12:00:00"), work("2026-12-03T12:00:00"), work("2026-12-04T12:00:00")]
    assert points(policy, *works) == expected(0, -10, -10)
    assert points(policy, *works, student=BOB) == expected(0, 0, -10)


def test_the_longest_of_several_extensions_counts(tmp_path: Path) -> None:
    extensions = [f"[[extensions]]\nstudents = ['ada']\nhours = {hours}\n" for hours in (48, 24)]
    for order in (extensions, extensions[::-1]):
        policy = read(tmp_path, f"[defaults]\n{DUE}\npercent = 10\n{''.join(order)}")
        assert points(policy, work("2026-12-03T23:59:00"), work("2026-12-04T00:00:00")) == expected(0, -1)


def test_what_an_exercise_costs_replaces_what_its_lesson_costs(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        f"[defaults]\n{DUE}\ncaps = [{{ hours_late = 0, percent = 100 }}]\n[lessons.numbers]\npercent = 10\n"
        "[lessons.numbers.exercises.twice]\npoints = 3\n",
    )
    places = ("letters/upper", "numbers/double", "numbers/twice")
    assert points(policy, *[work("2026-12-02T12:00:00", at=place) for place in places]) == expected(-10, -1, -3)


# --- which hand-ins spend tokens -----------------------------------------------------------------------------------


@pytest.mark.parametrize("counts_by", ["exercise", "handin"])
def test_if_the_best_counts_a_hand_in_that_improves_nothing_spends_no_token(tmp_path: Path, counts_by: str) -> None:
    policy = read(tmp_path, SYLLABUS, f'attempt = "best_after_penalty"\ncounts_by = "{counts_by}"\n{HEAD}')
    works = [work("2026-12-01T12:00:00", 9), work("2026-12-02T12:00:00", 9), work("2026-12-03T12:00:00", 10)]
    found = penalised(policy, *works)
    assert [each.tokens for each in found] == [0, 0, 2]
    assert found[1].sentence == (
        "12 hours and 1 minute late: no token is spent, since an earlier hand-in counts for as much; "
        "1 started day at 10 % of 10 points; -1 point."
    )


def test_by_hand_in_the_sum_must_improve_for_a_token(tmp_path: Path) -> None:
    works = [work("2026-12-01T12:00:00", 9), work("2026-12-01T12:00:00", 9, at="numbers/twice")]
    works += [work("2026-12-02T12:00:00", 8), work("2026-12-02T12:00:00", 10, at="numbers/twice")]
    for counts_by, spent in (("exercise", [0, 0, 1, 0]), ("handin", [0, 0, 0, 0])):
        policy = read(tmp_path, SYLLABUS, f'attempt = "best_after_penalty"\ncounts_by = "{counts_by}"\n{HEAD}')
        assert [each.tokens for each in penalised(policy, *works)] == spent


def test_no_token_is_spent_where_lateness_costs_nothing(tmp_path: Path) -> None:
    policy = read(tmp_path, SYLLABUS + "[lessons.letters.exercises.upper]\npercent = 0\n")
    [penalty] = penalised(policy, work("2026-12-10T12:00:00", at="letters/upper"))
    assert penalty == Penalty(Decimal(0), "1 day and 12 hours late: nothing is taken off.")


def test_tokens_make_work_earlier_for_a_cap_but_not_earlier_than_due(tmp_path: Path) -> None:
    caps = "[{ until = 2026-12-01T12:00:00, percent = 110 }, { until = 2026-12-02T12:00:00, percent = 80 }]"
    policy = read(tmp_path, f"[tokens]\nper_term = 1\n[defaults]\n{DUE}\ncaps = {caps}\n")
    assert points(policy, work("2026-12-02T10:00:00")) == expected(-2)  # paid, and so as good as at the due date
    assert points(policy, work("2026-12-03T10:00:00")) == expected(-2)
    assert points(policy, work("2026-12-03T13:00:00")) == expected(-10)


def test_tokens_do_not_move_the_hard_end_and_are_not_spent_after_it(tmp_path: Path) -> None:
    works = [work("2026-12-09T00:00:00"), work("2026-12-10T12:00:00", at="letters/upper")]
    refused, late = penalised(read(tmp_path, SYLLABUS), *works)
    assert (refused.refused, refused.tokens) == (True, 0)
    assert (late.points, late.tokens) == (0, 2)


# --- times ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("submitted_at", [None, "yesterday", "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59Z"])
def test_if_the_time_is_unknown_nothing_is_taken_off(tmp_path: Path, submitted_at: str | None) -> None:
    policy = read(tmp_path, SYLLABUS)
    said = "It is not known when this was handed in, so nothing is taken off."
    assert penalised(policy, work(submitted_at)) == [Penalty(Decimal(0), said, untimed=True)]
    [late] = penalised(policy, work(submitted_at, late=True))
    assert late == Penalty(Decimal(0), f"{said} The platform called it late.", untimed=True)


@pytest.mark.parametrize(
    ("due", "submitted_at", "taken"),
    [
        ("2026-10-24T23:59:00", "2026-10-25T22:59:00", -1),  # clocks went back: 24 hours
        ("2026-10-24T23:59:00", "2026-10-25T23:59:00", -2),  # the same time on the next day, after 25 hours
        ("2026-03-28T23:59:00", "2026-03-30T00:59:00", -1),  # clocks went forward: 24 hours
        ("2026-10-25T02:30:00", "2026-10-25T02:30:00+01:00", 0),  # 2:30 came twice, and the later one is meant
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", -1),
        ("2026-10-25T02:10:00", "2026-10-25T02:20:00", 0),  # a hand-in's is taken for the earlier one
        ("2026-12-01T23:59:00", "2026-12-01T22:59:00.900000+00:00", 0),  # fractions of a second count for nothing
    ],
)
def test_a_day_has_24_hours_when_clocks_change(tmp_path: Path, due: str, submitted_at: str, taken: int) -> None:
    policy = read(tmp_path, f"[defaults]\ndue = {due}\npercent = 10\n")
    assert points(policy, work(submitted_at)) == expected(taken)


@pytest.mark.parametrize(
    ("number", "decimals", "shown"),
    [("2.675", 2, "2.68"), ("2.665", 2, "2.67"), ("0.5", 0, "1"), ("8.25", 1, "8.3"), ("3", 2, "3.00")],
)
def test_points_are_rounded_half_up(number: str, decimals: int, shown: str) -> None:
    assert str(rounded(Decimal(number), Policy(decimals=decimals))) == shown
