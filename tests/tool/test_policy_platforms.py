"""Policies by the rules of platforms: what Canvas, nbgrader, PrairieLearn, Gradescope, Submitty and Moodle take off."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from grader.classroom.penalties import Penalty
from grader.classroom.policy import Student
from helpers.policies import ADA, BOB, DUE, HEAD, expected, penalised, points, read, work

pytestmark = pytest.mark.light

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
