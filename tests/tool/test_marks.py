"""What a mark is: which attempt counts, points by hand, appeals, lateness; and how each number is explained."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from grader.classroom.changes import changes_between
from grader.classroom.export import Undecided, class_of
from grader.classroom.marks import State
from grader.classroom.records import Delivery, Graded, HandMark
from grader.classroom.roster import Member
from grader.errors import UsageError
from helpers.small_class import DOUBLE, TWOFOLD, Class, result

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light


@pytest.fixture
def work(tmp_path: Path) -> Class:
    return Class(tmp_path)


# --- which attempt counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "counts", "points"), [("last", 3, 4), ("best", 2, 9), ("best_after_penalty", 2, 9)])
def test_the_policy_says_which_attempt_counts(work: Class, policy: str, counts: int, points: int) -> None:
    work.policy(f'attempt = "{policy}"\n')
    for each in (2, 9, 4):
        work.hand_in("ada", each)
    assert (work.mark().attempt, work.mark().points) == (counts, points)


def test_the_best_after_penalty_may_be_an_earlier_one(work: Class) -> None:
    work.policy('attempt = "best_after_penalty"\n[defaults]\ndue = 2026-11-20T12:00:00\npercent = 20\nof = "maximum"\n')
    work.hand_in("ada", 8, when="2026-11-20T10:00:00+00:00")
    work.hand_in("ada", 9, when="2026-11-21T10:00:00+00:00")
    assert (work.mark().attempt, work.mark().penalty) == (1, 0)
    work.policy('attempt = "best"\n[defaults]\ndue = 2026-11-20T12:00:00\npercent = 20\nof = "maximum"\n')
    mark = work.mark()
    assert (mark.attempt, mark.raw, mark.penalty, mark.points) == (2, 9, -2, 7)
    assert "late" in mark.lateness


# --- code and an answer in text in different attempts ---------------------------------------------------------------

MONDAY, WEDNESDAY, THURSDAY = (f"2026-11-{day}T10:00:00+00:00" for day in (23, 25, 26))
DUE = '[defaults]\ndue = 2026-11-24T12:00:00\npercent = 20\nof = "maximum"\n'


def test_an_answer_alone_counts_with_the_code_of_before_as_if_both_came_then(work: Class) -> None:
    work.policy(DUE)
    work.hand_in("ada", 10, when=MONDAY)
    work.hand_in("ada", 0, when=WEDNESDAY, written=False, answer="Twice is two times.")
    mark = work.mark()
    assert (mark.attempt, mark.code_attempt, mark.answer_attempt) == (2, 1, 2)
    assert mark.stored is not None
    assert [answer.text for answer in mark.stored.result.answers] == ["Twice is two times."]
    work.decisions.give("ada", "double", "The idea, in words", 3, "clear")
    work.decisions.give("ada", "double", "The idea, drawn", 0, "nothing is drawn")
    assert (work.mark().raw, work.mark().penalty) == (13, Decimal("-3.2"))
    assert (
        "Attempt 2 holds only an answer in text. It counts with the code of attempt 1, as if both had been handed in "
        "with attempt 2." in work.explained()
    )


def test_code_alone_counts_with_the_answer_of_before(work: Class) -> None:
    work.hand_in("ada", 4, answer="Twice is two times.")
    work.hand_in("ada", 10)
    mark = work.mark()
    assert (mark.attempt, mark.code_attempt, mark.answer_attempt, mark.raw) == (2, 2, 1, 10)
    assert mark.stored is not None
    assert [answer.text for answer in mark.stored.result.answers] == ["Twice is two times."]
    assert "Attempt 2 has no answer in text. It counts with the answer of attempt 1." in work.explained()


def test_the_same_answer_once_more_beside_other_work_makes_nothing_late(work: Class) -> None:
    work.policy(DUE)
    work.hand_in("ada", 10, when=MONDAY, answer="Twice is two times.")
    work.hand_in("ada", 0, when=WEDNESDAY, written=False, answer="Twice is two times.")
    assert (work.mark().attempt, work.mark().penalty) == (1, 0)


def test_the_same_code_once_more_makes_nothing_late(work: Class) -> None:
    """Whoever zips the folder of all weeks hands in what is done as well."""
    work.policy(DUE)
    work.hand_in("ada", 8, when=MONDAY, code="a")
    work.hand_in("ada", 8, when=WEDNESDAY, code="a", other="another exercise")
    work.hand_in("ada", 8, when=THURSDAY, code="a", other="one more")
    mark = work.mark()
    assert (mark.attempt, mark.raw, mark.penalty) == (3, 8, 0)
    assert "The same code came with attempt 1 first." in work.explained()
    work.hand_in("ada", 9, when=THURSDAY, code="b")
    assert (work.mark().attempt, work.mark().raw) == (4, 9)


@pytest.mark.parametrize(
    ("points", "code", "answer", "why"),
    [
        (8, "b", "", "it is other code"),
        (10, "a", "", "a helper beside it is another one"),
        (8, "a", "Twice is two times.", "it has an answer"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_what_is_new_in_a_later_attempt_counts(work: Class, points: int, code: str, answer: str, why: str) -> None:
    work.policy(DUE)
    work.hand_in("ada", 8, when=MONDAY, code="a")
    work.hand_in("ada", points, when=WEDNESDAY, code=code, answer=answer)
    assert work.mark().penalty < 0, why


def test_the_same_code_is_new_again_after_other_code(work: Class) -> None:
    work.policy(DUE)
    work.hand_in("ada", 8, when=MONDAY, code="a")
    work.hand_in("ada", 2, when=WEDNESDAY, code="b")
    work.hand_in("ada", 8, when=THURSDAY, code="a")
    assert work.mark().penalty < 0


def test_of_results_that_do_not_know_their_code_each_is_a_new_one(work: Class) -> None:
    work.policy(DUE)
    work.hand_in("ada", 8, when=MONDAY)
    work.hand_in("ada", 8, when=WEDNESDAY)
    assert work.mark().penalty < 0


def test_where_hand_ins_count_as_a_whole_nothing_is_joined(work: Class) -> None:
    work.policy('counts_by = "handin"\n')
    work.hand_in("ada", 10)
    work.hand_in("ada", 0, written=False, answer="Twice is two times.")
    mark = work.mark()
    assert (mark.attempt, mark.code_attempt, mark.raw) == (2, 2, 0)


def test_by_the_best_attempt_an_answer_counts_as_long_as_it_may_be_worth_its_lateness(work: Class) -> None:
    work.policy(f'attempt = "best_after_penalty"\n{DUE}')
    work.hand_in("ada", 10, when=MONDAY)
    work.hand_in("ada", 0, when=WEDNESDAY, written=False, answer="Twice is two times.")
    assert work.mark().attempt == 2  # of which nobody knows yet what it is worth
    work.decisions.give("ada", "double", "The idea, in words", 1, "short")
    work.decisions.give("ada", "double", "The idea, drawn", 0, "nothing is drawn")
    mark = work.mark()
    assert (mark.attempt, mark.answer_attempt, mark.raw, mark.penalty) == (1, None, 10, 0)
    explained = work.explained()
    assert "1 points for `The idea, in words` were given for the answer of attempt 2, and do not count" in explained
    assert "Attempt 2 holds only an answer in text, which does not count, because attempt 1 does." in explained
    work.decisions.choose("ada", "double", 2, "asked to")
    assert (work.mark().attempt, work.mark().raw) == (2, 11)


def test_of_equally_good_attempts_the_one_with_an_answer_counts(work: Class) -> None:
    work.policy('attempt = "best"\n')
    work.hand_in("ada", 10)
    work.hand_in("ada", 0, written=False, answer="Twice is two times.")
    for criterion in ("The idea, in words", "The idea, drawn"):
        work.decisions.give("ada", "double", criterion, 0, "not what was asked for")
    assert (work.mark().attempt, work.mark().pending) == (2, 0)


def test_what_came_after_the_hard_end_counts_only_where_there_is_nothing_else(work: Class) -> None:
    work.policy("[defaults]\ndue = 2026-11-20T12:00:00\nhard_end = 2026-11-21T12:00:00\n")
    work.hand_in("ada", 8, when="2026-11-20T10:00:00+00:00")
    work.hand_in("ada", 10, when="2026-11-22T10:00:00+00:00")
    work.hand_in("bob", 10, when="2026-11-22T10:00:00+00:00")
    assert (work.mark().attempt, work.mark().points) == (1, 8)
    assert (work.mark("bob").attempt, work.mark("bob").raw, work.mark("bob").points) == (1, 10, 0)


def test_attempts_are_ordered_by_the_platforms_time_and_not_by_when_they_were_graded(work: Class) -> None:
    work.hand_in("ada", 9, when="2026-11-21T10:00:00+00:00")
    work.hand_in("ada", 4, when="2026-11-20T10:00:00+00:00")
    assert (work.mark().attempt, work.mark().points) == (1, 9)


@pytest.mark.parametrize(
    "later",
    [
        {"problem": "It is empty."},
        {"points": None, "held": "`double` is defined in a.py and in b.py: keep one."},
        {"points": None},
        {"points": 0, "written": False},
    ],
    ids=["unreadable", "a stray second file", "the grader broke", "another exercise alone"],
)
def test_a_later_attempt_without_a_readable_solution_takes_nothing_away(work: Class, later: dict[str, object]) -> None:
    work.hand_in("ada", 10)
    work.hand_in("ada", **later)  # type: ignore[arg-type]
    assert (work.mark().attempt, work.mark().points) == (1, 10)
    assert work.mark().passed_over == (() if "written" in later else (2,))


def test_later_is_what_came_later_and_not_what_was_graded_later(work: Class) -> None:
    work.hand_in("ada", 9, when="2026-11-21T10:00:00+00:00")
    work.hand_in("ada", problem="It is empty.", when="2026-11-20T10:00:00+00:00")
    assert (work.mark().attempt, work.mark().passed_over, work.mark().notes) == (1, (), ())


def test_times_without_an_offset_are_local_times_of_the_course(work: Class) -> None:
    work.policy('[defaults]\ndue = 2026-11-20T12:00:00\npercent = 10\nof = "maximum"\n')
    path = work.root / "rubrics/policy.toml"
    path.write_text(path.read_text().replace("UTC", "America/New_York"))
    work.hand_in("ada", 4, when="2026-11-20T11:30:00")  # half past four in the afternoon by UTC
    work.hand_in("ada", 9, when="2026-11-20T16:00:00+00:00")
    assert (work.mark().attempt, work.mark().points) == (1, 4)


def test_a_whole_hand_in_counts_where_the_policy_says_so(work: Class) -> None:
    work.hand_in("ada", 10)
    number = work.hand_in("ada", 3, exercise=TWOFOLD)
    assert work.total() == 13
    work.policy('counts_by = "handin"\n')
    assert (work.mark().state, work.mark(exercise=TWOFOLD).attempt) == (State.UNGRADED, number)


def test_an_attempt_without_work_counts_if_somebody_chose_it(work: Class) -> None:
    work.hand_in("ada", 9)
    work.hand_in("ada", 0, written=False)
    work.decisions.choose("ada", "double", 2, "withdrawn")
    assert (work.mark().attempt, work.mark().points) == (2, 0)
    assert work.mark().notes == ("eve chose attempt 2: withdrawn",)


def test_an_attempt_that_somebody_chose_and_that_cannot_be_graded_leaves_no_mark(work: Class) -> None:
    work.hand_in("bob", 10)
    work.hand_in("ada", problem="It is empty.")
    work.decisions.choose("ada", "double", 1, "asked to")
    assert "eve chose attempt 1, which could not be graded, and no other attempt could be graded" in work.mark().notes
    work.hand_in("ada", 4)
    assert "eve chose attempt 1, which could not be graded, and attempt 2 counts instead" in work.mark().notes


def test_nothing_is_pending_of_what_was_not_handed_in_or_of_points_that_were_set(work: Class) -> None:
    work.hand_in("bob", 10)
    assert [each.title for each in work.mark("bob").told if each.points is None] != []
    work.book.enrol([Member("ada", "Ada")], ["bob"])
    assert work.mark().told == []
    for student in ("ada", "bob"):
        work.decisions.override(student, "double", 5, "Oral exam.")
        assert [each for each in work.mark(student).told if each.points is None] == []


def test_an_attempt_that_somebody_chose_counts_until_that_is_taken_back(work: Class) -> None:
    for each in (2, 9, 4):
        work.hand_in("ada", each)
    work.decisions.choose("ada", "double", 1, "asked to")
    assert (work.mark().attempt, work.mark().notes) == (1, ("eve chose attempt 1: asked to",))
    work.decisions.choose("ada", "double", None, "a mistake")
    assert (work.mark().attempt, work.mark().notes) == (3, ())


@pytest.mark.parametrize(
    ("handed_in", "state"),
    [
        ({}, State.ABSENT),
        ({"problem": "It is empty."}, State.UNREAD),
        ({"points": None, "held": "There are two."}, State.UNREAD),
        ({"points": None}, State.BROKEN),
        ({"points": 3, "exercise": TWOFOLD}, State.UNGRADED),
        ({"points": 3}, State.DECIDED),
    ],
)
def test_no_mark_and_why_is_never_a_zero(work: Class, handed_in: dict[str, object], state: State) -> None:
    work.hand_in("bob", 10)
    work.book.enrol([Member("ada", "Ada")], ["bob"])
    if handed_in:
        work.hand_in("ada", **handed_in)  # type: ignore[arg-type]
    assert work.mark().state is state
    assert (work.mark().points is None) == (state is not State.DECIDED)


# --- by hand ------------------------------------------------------------------------------------------------------


def test_points_by_hand_are_pending_until_they_are_given_and_nobody_loses_them(work: Class) -> None:
    work.hand_in("ada", 10)
    mark = work.mark()
    assert (mark.points, mark.maximum, mark.pending) == (10, 10, 6)
    work.decisions.give("ada", "double", "The idea, in", 3.5, "clear, and short")
    mark = work.mark()
    assert (mark.points, mark.by_hand, mark.maximum, mark.pending) == (Decimal("13.5"), Decimal("3.5"), 14, 2)
    assert [(c.by, c.why) for c in mark.criteria if c.by] == [("eve", "clear, and short")]
    work.decisions.give("ada", "double", "the idea, in words", None, "wrong student")
    assert (work.mark().points, work.mark().pending) == (10, 6)


def test_pending_points_stay_in_the_maximum_where_the_policy_requires_them(work: Class) -> None:
    work.policy('manual = "required"\n')
    work.hand_in("ada", 10)
    assert (work.mark().maximum, work.mark().pending) == (16, 0)


def test_an_override_stands_against_every_regrade_which_says_where_it_disagrees(work: Class) -> None:
    work.hand_in("ada", 4)
    before = work.marks()
    work.decisions.override("ada", "double", 9, "the check was unfair")
    [change] = changes_between(before, work.marks())
    assert (change.before, change.after, change.why) == (4, 9, "points were set by hand")
    work.hand_in("ada", 4, checks="mended")
    assert (work.mark().points, work.mark().notes) == (9, ())
    work.hand_in("ada", 6, checks="mended again")
    assert work.mark().points == 9
    assert work.mark().notes == (
        "eve set 9 points when the checks gave 4; now they give 6. The points that were set stand.",
    )
    work.decisions.override("ada", "double", None, "the check is fair now")
    assert (work.mark().points, work.mark().notes) == (6, ())


def test_an_override_leaves_nothing_pending(work: Class) -> None:
    work.hand_in("ada", 4)
    work.decisions.override("ada", "double", 16, "all of it was explained at the desk")
    assert (work.mark().points, work.mark().maximum, work.mark().pending) == (16, 16, 0)


def test_points_for_a_criterion_that_the_checks_decide_now_do_not_count_any_more(work: Class) -> None:
    work.hand_in("ada", 4)
    work.book.give("ada", HandMark(DOUBLE, "It doubles", 10.0, "by eye", "eve", ""))
    work.book.give("ada", HandMark(DOUBLE, "Neatness", 2.0, "neat", "eve", ""))
    assert work.mark().points == 4
    assert work.mark().notes == (
        "eve gave 10 points for `It doubles`, which is not a criterion that a person marks any more: they do not count.",
        "eve gave 2 points for `Neatness`, which is not a criterion that a person marks any more: they do not count.",
    )


def test_points_may_be_set_for_who_never_handed_in(work: Class) -> None:
    work.hand_in("bob", 4)
    work.book.attempt(Delivery("ada", handin="ada.rar", problem="Only `ada.rar`."))
    work.decisions.override("ada", "double", 7, "shown at the desk")
    assert (work.mark().state, work.mark().points) == (State.DECIDED, 7)


@pytest.mark.parametrize(
    ("decide", "said"),
    [
        (lambda d: d.give("ada", "double", "The idea, in words", 5, "x"), "has 0 to 4 points, and not 5"),
        (lambda d: d.give("ada", "double", "The idea, in words", -1, "x"), "has 0 to 4 points, and not -1"),
        (lambda d: d.give("ada", "double", "The idea, in words", float("nan"), "x"), "has 0 to 4 points, and not nan"),
        (lambda d: d.give("ada", "double", "The idea, in words", 3, " "), "needs a reason"),
        (lambda d: d.give("ada", "double", "The idea", 3, "x"), "no criterion `The idea` that is marked by hand, only"),
        (lambda d: d.give("ada", "twofold", "Style", 3, "x"), "twofold has no criterion that is marked by hand"),
        (lambda d: d.give("adda", "double", "The idea, in words", 3, "x"), "called adda: did you mean ada?"),
        (lambda d: d.override("ada", "double", 17, "x"), "double has 0 to 16 points, and not 17"),
        (lambda d: d.choose("ada", "double", 4, "x"), "ada has no attempt 4"),
        (lambda d: d.override("ada", "numbers", 4, "x"), "numbers is a lesson: name one exercise"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_refused_in_a_sentence(work: Class, decide: object, said: str) -> None:
    work.hand_in("ada", 4)
    before = list(work.book.records())
    with pytest.raises(UsageError, match=r".") as refused:
        decide(work.decisions)  # type: ignore[operator]
    assert said in str(refused.value)
    assert list(work.book.records()) == before


# --- what changed, and explanations -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made_of", "why"),
    [
        ({"checks": "2", "seed": "1"}, "the checks changed"),
        ({"checks": "2", "seed": "2"}, "the checks and the seed changed"),
        ({"checks": "1", "seed": "1", "libraries": "torch 2.14"}, "libraries changed"),
    ],
)
def test_a_change_says_what_the_mark_is_now_made_of(work: Class, made_of: dict[str, str], why: str) -> None:
    number = work.book.attempt(Delivery("ada", sha256="a"))
    for points, parts in ((4.0, {"checks": "1", "seed": "1", "libraries": "torch 2.13"}), (6.0, made_of)):
        before = work.marks()
        work.book.store(
            "ada", number, [Graded(result(points, "", DOUBLE), {"libraries": "torch 2.13", **parts}, 0.1, "strict")]
        )
    [change] = changes_between(before, work.marks())
    assert (change.student, change.exercise, change.before, change.after, change.why) == ("ada", DOUBLE, 4, 6, why)


def test_a_first_mark_is_not_a_change(work: Class) -> None:
    work.book.enrol([], [])
    before = work.marks()
    work.hand_in("ada", 4)
    assert changes_between(before, work.marks()) == []


def test_every_number_is_explained(work: Class) -> None:
    work.policy('[defaults]\ndue = 2026-11-20T12:00:00\npercent = 10\nof = "maximum"\n')
    work.hand_in("ada", 8, when="2026-11-20T10:00:00+00:00", seed="7")
    work.hand_in("ada", 10, when="2026-11-22T10:00:00+00:00", seed="7")
    work.book.attempt(Delivery("ada", handin="work.rar", submitted_at="2026-11-23T10:00:00+00:00", problem="A .rar."))
    work.decisions.give("ada", "double", "The idea, drawn", 2, "lovely")
    said = work.explained()
    for part in (
        "ada: 9.6 of 12 points, and 4 pending",
        "Earned 12, lateness -2.4.",
        "3. work.rar, 2026-11-23 10:00 UTC: A .rar.",
        "Attempt 2 counts; graded ",
        "isolation strict, inputs of seed 7.",
        "2 of 2  The idea, drawn (eve: lovely)",
        "pending, 4  The idea, in words",
        "Attempt 3 does not count, because it could not be graded: A .rar.",
    ):
        assert part in said


def test_a_later_attempt_without_work_for_an_exercise_is_explained(work: Class) -> None:
    work.hand_in("ada", 8)
    work.hand_in("ada", 0, written=False)
    assert "Attempt 2 has no work for it: not written." in work.explained()
    assert "lateness" not in work.explained()


def test_rounding_happens_once_and_at_the_end(work: Class) -> None:
    work.policy('decimals = 0\n[defaults]\ndue = 2026-11-20T12:00:00\npercent = 5\nof = "score"\n')
    for exercise in (DOUBLE, TWOFOLD):
        work.hand_in("ada", 9, when="2026-11-21T10:00:00+00:00", exercise=exercise)
    marks = work.of("ada")
    assert [mark.points for mark in marks.marks.values()] == [Decimal("8.55")] * 2
    assert work.marks().total_of(marks) == 17  # 17.10, and not 9 + 9


def test_held_marks_count_as_zero_only_if_asked(work: Class) -> None:
    work.hand_in("ada", problem="It is empty.")
    work.hand_in("bob", 4)
    held = class_of(work.course, work.book, Undecided())
    assert [held.total_of(each) for each in held.students] == [None, 4]


GROUPS = """[defaults]
due = 2026-11-20T12:00:00
percent = 10

[tokens]
per_term = 1
groups = "all or none"

[lessons.numbers.exercises.twofold]
due = 2026-11-20T12:00:00
"""


def test_a_student_alone_has_the_marks_that_stand_in_the_table(work: Class) -> None:
    work.policy(GROUPS)
    late = {"submitted_at": "2026-11-21T10:00:00+00:00", "members": ("ada", "bob")}
    earlier = {"submitted_at": "2026-11-20T13:00:00+00:00", "members": ("bob",)}
    for student, sha256, exercise, when in (
        ("ada", "a", DOUBLE, late), ("bob", "b", TWOFOLD, earlier), ("bob", "c", DOUBLE, late),
    ):  # fmt: skip
        number = work.book.attempt(Delivery(student, sha256=sha256, **when))  # type: ignore[arg-type]
        work.book.store(student, number, [Graded(result(8, exercise=exercise), {}, 0.1, "strict")])
    work.book.enrol([Member("cem", "Cem")], ["ada", "bob"])
    table = work.marks()
    assert [mark.penalty for mark in table.students[0].marks.values()] == [-1, 0]  # bob has spent his only token
    for student in table.students:
        alone = class_of(work.course, work.book, only=[student.record.student])
        assert list(alone.worth) == list(table.worth)
        assert alone.students == [student]
    assert work.explained("cem").startswith("Cem (cem): 0 of ")


def test_what_broke_in_a_hidden_check_is_not_told(work: Class) -> None:
    number = work.book.attempt(Delivery("ada", sha256="a"))
    broken = result(None)
    [check] = broken.checks
    hidden = msgspec.structs.replace(check, visibility="hidden", message="expected -6")
    for checks, said in (((hidden,), ""), ((hidden, check), "It said: It broke.")):
        found = msgspec.structs.replace(broken, checks=checks)
        work.book.store("ada", number, [Graded(found, {}, 0.1, "strict")])
        assert work.mark().state is State.BROKEN
        [note] = work.mark().notes
        assert "-6" not in note
        assert note.endswith(said or "grade it again.")
