"""Policies: what lateness costs by the rules of platforms and syllabi, and what a wrong file is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import edition
from grader.authoring.verify_course import verify_course
from grader.classroom.lateness import Work
from grader.classroom.penalties import Penalty, penalties
from grader.classroom.policy import Cap, Extension, People, Policy, Rule, Student, Tokens, rounded
from grader.classroom.policy_file import PolicyError, load_policy
from grader.classroom.wording import added, amount
from grader.course.finding import find_course
from grader.grading import Conditions
from helpers.course_factory import make_course

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
FILE = "rubrics/policy.toml"
EXERCISES = ["numbers/double", "numbers/twice", "letters/upper"]
HEAD = 'schema = "grader.policy/1"\ntime_zone = "Europe/Berlin"\n'
DUE = "due = 2026-12-01T23:59:00"
ADA, BOB = Student("ada"), Student("bob", ("team_7",))


def course_with(root: Path, policy: str | None) -> Any:
    return find_course(make_course(root, EXERCISES, {FILE: policy}, reference=False))


def read(root: Path, policy: str, head: str = HEAD) -> Policy:
    return load_policy(course_with(root, head + policy))


def work(
    submitted_at: str | None, raw: object = 10, maximum: object = 10, at: str = "numbers/double", **more: Any
) -> Work:
    lesson, exercise = at.split("/")
    return Work(
        lesson, exercise, submitted_at, more.pop("late", None), Decimal(str(raw)), Decimal(str(maximum)), **more
    )


def penalised(policy: Policy, *works: Work, student: Student = ADA) -> list[Penalty]:
    return penalties(policy, {student: works})[student]


def points(policy: Policy, *works: Work, student: Student = ADA) -> list[Decimal]:
    return [each.points for each in penalised(policy, *works, student=student)]


def expected(*numbers: object) -> list[Decimal]:
    return [Decimal(str(number)) for number in numbers]


# --- without a file ------------------------------------------------------------------------------------------------


def test_without_a_file_nothing_is_due(tmp_path: Path) -> None:
    policy = load_policy(course_with(tmp_path, None))
    assert policy == Policy()
    assert (policy.attempt, policy.counts_by, policy.decimals) == ("last", "exercise", 2)
    assert penalised(policy, work("2026-12-24T00:00:00")) == [Penalty(Decimal(0), "No due date is set.")]


# --- the rules of platforms ----------------------------------------------------------------------------------------

CANVAS = f"[defaults]\n{DUE}\ninterval = 'day'\npercent = 10\nfloor_percent = 40\nmissing_percent = 20\n"


@pytest.mark.parametrize(
    ("submitted_at", "raw", "taken"),
    [
        ("2026-12-01T23:59:00+01:00", 10, 0),
        ("2026-12-01T23:59:01+01:00", 10, -1),  # without grace, a second is a started day
        ("2026-12-02T23:59:00+01:00", 10, -1),
        ("2026-12-02T23:59:01+01:00", 10, -2),
        ("2026-12-03T02:59:00+01:00", 8, -2),  # of the points possible, not of the score
        ("2026-12-20T00:00:00+01:00", 10, -6),  # down to the floor
        ("2026-12-04T00:00:00+01:00", 5, -1),
        ("2026-12-04T00:00:00+01:00", 3, 0),  # a score below the floor is never raised
    ],
)
def test_canvas_takes_a_percentage_of_the_maximum_for_each_started_interval(
    tmp_path: Path, submitted_at: str, raw: int, taken: int
) -> None:
    assert points(read(tmp_path, CANVAS), work(submitted_at, raw)) == expected(taken)


def test_canvas_gives_missing_work_a_percentage(tmp_path: Path) -> None:
    assert read(tmp_path, CANVAS).missing_points("numbers", "double", Decimal(7)) == Decimal("1.4")


def test_nbgrader_can_give_late_work_nothing(tmp_path: Path) -> None:
    policy = read(tmp_path, f"[defaults]\n{DUE}\npercent = 100\nof = 'score'\n")
    on_time, late = work("2026-12-01T23:00:00", 7.5), work("2026-12-02T00:00:00", 7.5)
    assert points(policy, on_time, late) == expected(0, -7.5)


@pytest.mark.parametrize(("raw", "taken"), [(10, -3), (2, -2), (0, 0)])
def test_nbgrader_takes_points_but_never_more_than_were_earned(tmp_path: Path, raw: int, taken: int) -> None:
    policy = read(tmp_path, f"[defaults]\n{DUE}\ninterval = 'hour'\npoints = 1\n")
    assert points(policy, work("2026-12-02T02:00:00", raw)) == expected(taken)  # two hours and a minute


PRAIRIELEARN = """[lessons.numbers]
caps = [
    { until = 2026-11-28T23:59:59, percent = 110 },
    { until = 2026-12-01T23:59:59, percent = 100 },
    { until = 2026-12-04T23:59:59, percent = 80 },
    { from = 2027-01-11T00:00:01, until = 2027-01-11T23:59:59, percent = 50 },
]
"""


@pytest.mark.parametrize(
    ("submitted_at", "raw", "added"),
    [
        ("2026-11-28T23:59:59", 10, 1),  # above 100 only when all points are reached
        ("2026-11-28T23:59:59", 9.5, 0),
        ("2026-11-29T00:00:00", 10, 0),
        ("2026-12-02T00:00:00", 10, -2),  # a cap and not a factor
        ("2026-12-02T00:00:00", 9, -1),
        ("2026-12-02T00:00:00", 8, 0),
        ("2026-12-02T00:00:00", 3, 0),
        ("2026-12-05T00:00:00", 3, -3),  # no window is open
        ("2027-01-11T12:00:00", 9, -4),
        ("2027-01-12T00:00:00", 9, -9),
    ],
)
def test_prairielearn_caps_the_score_by_windows_of_time(
    tmp_path: Path, submitted_at: str, raw: object, added: object
) -> None:
    assert points(read(tmp_path, PRAIRIELEARN), work(submitted_at, raw)) == expected(added)


def test_prairielearn_takes_the_highest_credit_of_several_windows(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        "[defaults]\ncaps = [{ until = 2026-12-09T00:00:00, percent = 60 },"
        "{ from = 2026-12-01T00:00:00, until = 2026-12-03T00:00:00, percent = 90 }]",
    )
    works = [work(f"2026-{day}T12:00:00") for day in ("11-30", "12-02", "12-05")]
    assert points(policy, *works) == expected(-4, -1, -4)


def test_prairielearn_never_takes_back_what_was_earned(tmp_path: Path) -> None:
    policy = read(tmp_path, PRAIRIELEARN, 'attempt = "best_after_penalty"\n' + HEAD)
    works = [work("2026-12-01T12:00:00", 9), work("2026-12-02T12:00:00", 10)]
    assert policy.attempt == "best_after_penalty"
    assert max(each.raw + added for each, added in zip(works, points(policy, *works), strict=True)) == 9


def test_gradescope_has_a_due_date_and_a_hard_end(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        f"[lessons.numbers]\n{DUE}\nhard_end = 2026-12-03T23:59:00\n"
        "[[extensions]]\nstudents = ['bob']\nlessons = ['numbers']\ndue = 2026-12-08T23:59:00\n",
    )
    late, refused = work("2026-12-03T23:59:00"), work("2026-12-03T23:59:01")
    assert penalised(policy, late) == [Penalty(Decimal(0), "2 days late: nothing is taken off.")]
    assert penalised(policy, refused) == [
        Penalty(
            Decimal(-10),
            "Handed in at 2026-12-03 23:59:01, after the hard end at 2026-12-03 23:59: not accepted; -10 points.",
            refused=True,
        )
    ]
    extended = penalised(policy, refused, work("2026-12-10T23:59:00"), work("2026-12-11T00:00:00"), student=BOB)
    assert [each.refused for each in extended] == [False, False, True]  # the hard end has moved with the due date


SUBMITTY = f"""[tokens]
per_term = 3
too_few = "zero"

[lessons.numbers]
{DUE}
max_tokens = 2

[lessons.letters]
due = 2026-12-08T23:59:00

[[tokens.allowances]]
students = ["bob"]
from = 2026-12-05T00:00:00
per_term = 5

[[extensions]]
students = ["eve"]
exercises = ["numbers/double"]
hours = 48
"""


def test_submitty_gives_nothing_if_late_days_do_not_suffice_and_charges_nothing(tmp_path: Path) -> None:
    policy = read(tmp_path, SUBMITTY)
    three_days = penalised(policy, work("2026-12-04T12:00:00"))
    assert three_days == [
        Penalty(
            Decimal(-10),
            "2 days and 12 hours late: 3 tokens are needed and 2 can be spent, so no points count; -10 points.",
        )
    ]
    works = [work("2026-12-02T12:00:00"), work("2026-12-11T12:00:00", at="letters/upper")]
    first, second = penalised(policy, *works)
    assert (first.points, first.tokens) == (0, 1)
    assert (second.points, second.tokens) == (-10, 0)  # three days, and two are left
    later = penalised(policy, *works, work("2026-12-10T12:00:00", 5, at="letters/upper"))[2]
    assert (later.points, later.tokens) == (0, 2)


def test_submitty_changes_a_students_allowance_from_a_date_on(tmp_path: Path) -> None:
    policy = read(tmp_path, SUBMITTY)
    works = [work("2026-12-03T12:00:00"), work("2026-12-11T12:00:00", at="letters/upper")]
    assert [each.tokens for each in penalised(policy, *works)] == [2, 0]
    assert [each.tokens for each in penalised(policy, *works, student=BOB)] == [2, 3]


def test_submitty_takes_extensions_off_the_late_days(tmp_path: Path) -> None:
    [penalty] = penalised(read(tmp_path, SUBMITTY), work("2026-12-05T12:00:00"), student=Student("eve"))
    assert (penalty.points, penalty.tokens) == (0, 2)  # ceil(3.5 days) - 2


MOODLE = f"""[groups]
night_shift = ["cleo", "dora"]

[lessons.numbers]
{DUE}
percent = 10
hard_end = 2026-12-03T23:59:00

[[extensions]]
groups = ["team_7", "night_shift"]
hours = 24

[[extensions]]
students = ["dora"]
due = 2026-12-10T23:59:00
hard_end = 2026-12-10T23:59:00
"""


@pytest.mark.parametrize(
    ("student", "submitted_at", "taken", "refused"),
    [
        (ADA, "2026-12-02T12:00:00", -1, False),
        (ADA, "2026-12-04T00:00:00", -10, True),
        (BOB, "2026-12-02T12:00:00", 0, False),  # by the group that the platform names
        (BOB, "2026-12-04T00:00:00", -2, False),
        (BOB, "2026-12-05T00:00:00", -10, True),
        (Student("cleo"), "2026-12-02T12:00:00", 0, False),  # by a group of the policy's own
        (Student("dora"), "2026-12-10T23:59:00", 0, False),  # the longer of two extensions
        (Student("dora"), "2026-12-11T00:00:00", -10, True),
    ],
)
def test_moodle_moves_due_date_and_cut_off_for_a_user_or_a_group(
    tmp_path: Path, student: Student, submitted_at: str, taken: int, refused: bool
) -> None:
    [penalty] = penalised(read(tmp_path, MOODLE), work(submitted_at), student=student)
    assert (penalty.points, penalty.refused) == (taken, refused)


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
    assert penalised(policy, work(submitted_at)) == [Penalty(Decimal(0), said)]
    [late] = penalised(policy, work(submitted_at, late=True))
    assert late == Penalty(Decimal(0), f"{said} The platform called it late.")


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


# --- what holds for any policy -------------------------------------------------------------------------------------

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


# --- wrong files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "line", "sentence"),
    [
        ("atempt = 'last'", 3, "key `atempt` is unknown at the top: did you mean `attempt`?"),
        (
            "attempt = 'first'",
            3,
            'key `attempt` is wrong: found "first", write "last", "best" or "best_after_penalty".',
        ),
        ("decimals = 7", 3, "key `decimals` is wrong: found 7, write a whole number of decimals, from 0 to 6."),
        (
            "\n[defaults]\ndue = 2026-12-01",
            5,
            'key `due` is wrong: found "2026-12-01", write a date and a time, such as 2026-12-01T23:59:00.',
        ),
        (
            "[defaults]\ndue = '2026-02-30T12:00:00'",
            4,
            "key `due` is wrong: 2026-02-30T12:00:00 does not exist in Europe/Berlin: write another time.",
        ),
        (
            "[defaults]\ndue = 2026-03-29T02:30:00",
            4,
            "key `due` is wrong: 2026-03-29T02:30:00 does not exist in Europe/Berlin: write another time.",
        ),
        ("[defaults]\npercent = -1", 4, "key `percent` is wrong: found -1, write a number of percent, from 0 to 100."),
        (
            "[defaults]\npercent = nan",
            4,
            'key `percent` is wrong: found "nan", write a number of percent, from 0 to 100.',
        ),
        ("[defaults]\npercent = 5\npoints = 1", 5, "key `points` stands beside key `percent`: keep one of the two."),
        (
            "[defaults]\nhard_end = 2026-12-01T00:00:00\nhard_end_hours = 3",
            5,
            "key `hard_end_hours` stands beside key `hard_end`: keep one of the two.",
        ),
        ("[lessons.nubmers]", 3, "there is no lesson `nubmers`: did you mean `numbers`?"),
        ("[lessons.xyz]", 3, "there is no lesson `xyz`: correct the name or remove it."),
        ("[lessons.numbers.exercises.duoble]", 3, "there is no exercise `duoble`: did you mean `double`?"),
        (
            "[[extensions]]\nstudents = ['ada']\nexercises = ['double']\nhours = 1",
            5,
            "there is no exercise `double`: did you mean `numbers/double`?",
        ),
        ("[[extensions]]\nhours = 1", 3, "the extension is for nobody: add `students` or `groups`."),
        (
            "[[extensions]]\nstudents = ['ada']",
            3,
            "the extension gives no time: add `hours`, or `due` with the new date.",
        ),
        (
            "[[extensions]]\nstudents = [' ada']\nhours = 1",
            4,
            'entry 1 of key `students` is wrong: found " ada", write a student as the gradebook names them, or the name of '
            "a group, without spaces around it.",
        ),
        (
            "[[extensions]]\nstudents = ['ada']\ndue = 2026-12-02T00:00:00\nhard_end = 2026-12-01T00:00:00",
            6,
            "key `hard_end` is before key `due`: put it later.",
        ),
        (
            f"[defaults]\n{DUE}\n[[extensions]]\nstudents = ['ada']\ndue = 2026-11-02T00:00:00",
            7,
            "key `due` (2026-11-02 00:00) extends nothing, since nothing that it concerns is due earlier: correct it.",
        ),
        (
            f"[defaults]\n{DUE}\n[[extensions]]\nstudents = ['ada']\nhours = 3\nhard_end = 2026-12-11T00:00:00",
            8,
            "key `hard_end` (2026-12-11 00:00) extends nothing, since nothing that it concerns ends earlier: correct it.",
        ),
        (
            f"[defaults]\n{DUE}\n[lessons.numbers]\nhard_end = 2026-12-01T12:00:00",
            6,
            "key `hard_end` ends numbers/double at 2026-12-01 12:00, before it is due (2026-12-01 23:59): put it later.",
        ),
        (
            f"[defaults]\n{DUE}\ngrace_minutes = 90\nhard_end_hours = 1",
            6,
            "key `hard_end_hours` ends letters/upper at 2026-12-02 00:59, before it is due (2026-12-01 23:59 with 90 "
            "minutes of grace): put it later.",
        ),
        (
            "[defaults]\ncaps = [{ percent = 80 }]",
            4,
            "entry 1 of key `caps` needs an end: write one of `until` and `hours_late`.",
        ),
        (
            "[defaults]\ncaps = [{ hours_late = 1, percent = 80 }, { until = 2026-12-01T12:00:00, percent = 0 }]",
            4,
            "key `caps` mixes `until` and `hours_late`: keep to one of the two.",
        ),
        (
            "[defaults]\ncaps = [{ from = 2026-12-01T12:00:00, until = 2026-12-01T12:00:00, percent = 80 }]",
            4,
            "entry 1 of key `caps` has `from` without a later `until`: write both, in this order.",
        ),
        (
            "[defaults]\ncaps = [{ hours_late = 48, percent = 80 }, { hours_late = 24, percent = 50 }]",
            4,
            "entry 2 of key `caps` ends no later than entry 1: sort them by time.",
        ),
        (
            "[[lessons.numbers.caps]]\nhours_late = 24\npercent = 80\n[[lessons.numbers.caps]]\nhours_late = 48\npercent = 80",
            3,
            "entry 2 of key `caps` allows 80 %, so that entry 1 never counts: lower it, or remove one of the two.",
        ),
        ("[defaults]\nmax_tokens = 1", 4, "key `max_tokens` needs a table [tokens]: add it, with `per_term`."),
        (
            f"[defaults]\n{DUE}\n[tokens]\nper_term = 1",
            5,
            "tokens buy nothing, since lateness costs nothing: add `percent`, `points` or `caps` to [defaults] or to a "
            'lesson, or write too_few = "zero".',
        ),
        (
            "[tokens]\nhours = 24",
            3,
            "key `per_term` is missing in [tokens]: add the whole number of tokens that everybody has, from 0 to 1000.",
        ),
        ("[tokens", 3, "the file is not valid TOML (Expected ']' at the end of a table declaration): fix the syntax."),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_line_and_remedy(
    tmp_path: Path, policy: str, line: int, sentence: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        read(tmp_path, policy)
    assert str(caught.value) == f"{FILE}:{line}: {sentence}"


@pytest.mark.parametrize("name", ["Europe/Berlni", "Europe", "../../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(tmp_path, "", HEAD.replace("Europe/Berlin", name))
    assert str(caught.value) == (
        f'{FILE}:2: key `time_zone` is wrong: there is no time zone "{name}": write a name such as "Europe/Berlin".'
    )


def test_a_wrong_policy_is_refused_when_a_course_is_verified(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        verify_course(course_with(tmp_path, HEAD + "attempt = 'first'"), [], Conditions())


def test_names_that_nobody_knows_are_told(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        "[groups]\nnight = ['bbo']\n[[extensions]]\nstudents = ['ada', 'eve']\ngroups = ['night', 'team_8']\nhours = 1",
    )
    assert policy.strangers([ADA, BOB]) == [
        "rubrics/policy.toml names a student `bbo` whom nobody knows: did you mean `bob`?",
        "rubrics/policy.toml names a student `eve` whom nobody knows: correct or remove the name.",
        "rubrics/policy.toml names a group `team_8` which nobody knows: did you mean `team_7`?",
    ]


def test_students_do_not_get_the_policy_which_names_other_students(tmp_path: Path) -> None:
    assert FILE not in edition.files(course_with(tmp_path, HEAD), edition.COURSE, mistakes=False)


# --- the schema and the document -----------------------------------------------------------------------------------

SCHEMA = json.loads((PROJECT / "grader/schemas/policy-1.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_value_in_the_schema_says_what_it_must_be() -> None:
    pending = [SCHEMA, *SCHEMA["$defs"].values()]
    while pending:
        value = pending.pop()
        assert "description" in value or "$ref" in value, value
        pending += [*value.get("properties", {}).values(), *([value["items"]] if "items" in value else [])]


DOCUMENT = (PROJECT / "docs/policies.md").read_text(encoding="utf-8")
SECTION = re.compile(r"\n##+ ([^\n]+)\n")  # a section's title
EXAMPLE = re.compile(r"```toml\n(.*?)```\n(.*)", re.DOTALL)  # its policy, and what follows, with a table of hand-ins
EXAMPLES = {
    title: found.groups()
    for title, section in zip(*[iter(SECTION.split(DOCUMENT)[1:])] * 2, strict=True)
    if (found := EXAMPLE.search(section)) and "| handed in |" in section
}


def rows_of(table: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]


def as_documented(root: Path, policy: str, table: str) -> list[tuple[str, str]]:
    """Return, for each row of a table of hand-ins, what is added and what the student reads."""
    heading, _, *cells = rows_of(table)
    rows = [dict(zip(heading, each, strict=True)) for each in cells]
    works: dict[Student, list[Work]] = {}
    for row in rows:
        together = tuple(row.get("student", "ada").split(" and "))
        raw, maximum = row["earned"].split(" of ")
        for key in together:
            made = work(row["handed in"], raw, maximum, row["exercise"], members=together)
            works.setdefault(Student(key), []).append(made)
    head = "" if policy.startswith("schema") else HEAD
    course = find_course(make_course(root, ["week_1/double", "week_1/twice", "week_2/upper"], {FILE: head + policy}))
    found = {student.key: iter(theirs) for student, theirs in penalties(load_policy(course), works).items()}
    said = []
    for row in rows:
        first, *_ = [next(found[key]) for key in row.get("student", "ada").split(" and ")]
        said.append((amount(first.points), first.sentence))
    return said


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_document_says_what_its_examples_do(tmp_path: Path, title: str) -> None:
    policy, table = EXAMPLES[title]
    assert as_documented(tmp_path, policy, table) == [(added, sentence) for *_, added, sentence in rows_of(table)[2:]]


def test_every_key_is_documented() -> None:
    keys = {key for table in (SCHEMA, *SCHEMA["$defs"].values()) for key in table.get("properties", {})}
    prose = re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)
    assert keys - set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", prose)))) == set()
