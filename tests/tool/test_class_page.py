"""The page on a class: what it counts, what it says of marks that are open, and that it needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import pytest

from grader.classroom.class_page import class_page, sentences
from grader.classroom.class_statistics import exercise_rows, progress
from grader.classroom.export import Counted, Undecided
from grader.classroom.policy import Policy
from grader.classroom.records import HandMark
from grader.course.finding import find_course
from helpers.course_factory import make_course
from helpers.marked_class import DOUBLE, Pupil, marked_class

if TYPE_CHECKING:
    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks
    from grader.course.model import Course

pytestmark = pytest.mark.light

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return find_course(make_course(tmp_path_factory.mktemp("page"), ["numbers/double", "numbers/twofold"]))


def without_names(exported: ClassMarks, *students: str, crashed: bool = False) -> ClassMarks:
    """Take the known mistakes from the results of some students."""
    found = []
    for student in exported.students:
        marks = dict(student.marks)
        for key, mark in marks.items():
            if student.record.student in students and mark.stored is not None:
                checks = tuple(
                    msgspec.structs.replace(check, diagnosis=(), crashed=crashed) for check in mark.stored.result.checks
                )
                result = msgspec.structs.replace(mark.stored.result, checks=checks)
                marks[key] = mark._replace(stored=mark.stored._replace(result=result))
        found.append(student._replace(marks=marks))
    return exported._replace(students=found)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_no_mark_and_why_is_said_for_what_it_is(course: Course) -> None:
    exported = marked_class(
        course,
        [Pupil("ada", [10.0, 4.0]), Pupil("bo", [None, 4.0]), Pupil("cy", problem="Only `cy.rar`."), Pupil("di"),
         Pupil("ed", [3.0])],
    )  # fmt: skip
    assert sentences(exported) == [
        "The grader broke on 1 student. That says nothing about the work: those marks are open until it is graded again.",
        "Of 1 student something could not be read, and those marks are open.",
        "1 student handed in nothing, and those marks count as 0.",
        "For 1 student an exercise was not graded, and those marks are open.",
        "Without a total yet, and not in the distribution: 3 students.",
    ]
    held = sentences(exported._replace(undecided=Undecided(Counted.ZERO, Counted.HOLD)))
    assert "Of 1 student something could not be read, and those marks count as 0." in held
    assert "1 student handed in nothing, and those marks are open." in held
    page = text_of(class_page(exported))
    for word in ("broken", "unread", "0 nothing", "not graded"):
        assert word in page


def test_pending_points_are_said(course: Course) -> None:
    exported = marked_class(course, [Pupil("ada", [4.0])])
    student = exported.students[0]
    waiting = student._replace(marks={DOUBLE: student.marks[DOUBLE]._replace(pending=exported.maximum_of(DOUBLE))})
    assert sentences(exported._replace(students=[waiting])) == [
        "1 student can still get points that are pending, 10 at most."
    ]


def test_failures_without_a_known_mistake_are_counted_by_check(course: Course) -> None:
    pupils = [Pupil("ada", [4.0]), Pupil("bo", [4.0]), Pupil("cy", [3.0]), Pupil("di", [10.0])]
    exported = without_names(marked_class(course, pupils), "bo", "cy", crashed=True)
    [row] = exercise_rows(exported)
    assert [(group.title, group.students, group.crashed, group.hidden) for group in row.unnamed] == [
        ("Minus three is doubled.", [1, 2], 2, True),
        ("Two is doubled.", [1, 2], 2, False),
    ]
    assert [(group.title, group.students) for group in row.misconceptions] == [("It is not doubled.", [0])]
    page = class_page(exported)
    assert "for 2 of them the call raised or was stopped" in text_of(page)
    assert "2 students made a mistake that this course has no name for" in text_of(page)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    assert {"student-1", "group-1", "numbers-double"} <= targets


def test_the_most_frequent_misconception_comes_first(course: Course) -> None:
    pupils = [Pupil("ada", [4.0, 10.0]), Pupil("bo", [4.0, 4.0]), Pupil("cy", [10.0, 4.0]), Pupil("di", [10.0, 4.0])]
    page = class_page(marked_class(course, pupils))
    cards = re.findall(r'class="count">(\d+) .*?<a href="#([\w-]+)"', page, re.DOTALL)
    assert cards[:2] == [("3", "numbers-twofold"), ("2", "numbers-double")]


def test_points_by_hand_are_a_part_of_the_mean(course: Course) -> None:
    given = HandMark(DOUBLE, "", 8.0, "an appeal", "eve", "")
    [row] = exercise_rows(marked_class(course, [Pupil("ada", [4.0], by_hand=[given]), Pupil("bo", [4.0])]))
    assert (row.mean, row.graded, row.full) == (6.0, 2, 0)


def test_progress_has_a_bar_for_each_day_and_says_what_it_cannot_place(course: Course) -> None:
    pupils = [
        Pupil("ada", [10.0], when="2026-11-20T23:30:00+00:00"), Pupil("bo", [5.0], when="2026-11-20T01:00:00+00:00"),
        Pupil("cy", [2.0], when="2026-11-22T01:00:00+00:00"), Pupil("di", [2.0]),
    ]  # fmt: skip
    exported = marked_class(course, pupils)
    found = progress(exported)
    assert [(day.first.isoformat(), day.attempts, day.share) for day in found.days] == [
        ("2026-11-20", 2, 0.75), ("2026-11-21", 0, None), ("2026-11-22", 1, 0.2),
    ]  # fmt: skip
    assert (found.weeks, found.unknown) == (False, 1)
    page = class_page(exported)
    assert page.count('<rect class="bar"') == 3
    assert "1 attempt has no known time: not drawn" in text_of(page)


@pytest.mark.parametrize("when", ["2026-11-20T23:30:00+00:00", "2026-11-21T23:30:00"], ids=["offset", "local"])
def test_days_are_those_of_the_courses_time_zone(course: Course, when: str) -> None:
    pupils = [Pupil("ada", [10.0], when=when)]
    found = progress(marked_class(course, pupils, Policy(zone=ZoneInfo("Europe/Berlin"))))
    assert [day.first.isoformat() for day in found.days] == ["2026-11-21"]


def test_a_long_term_is_drawn_by_weeks(course: Course) -> None:
    pupils = [Pupil("ada", [10.0], when="2026-09-01T10:00:00"), Pupil("bo", [5.0], when="2027-01-31T10:00:00")]
    found = progress(marked_class(course, pupils))
    assert (found.weeks, len(found.days), found.days[-1].attempts) == (True, 22, 1)


def test_only_the_pages_own_script_may_run(course: Course) -> None:
    pupils = [Pupil(f"a{HOSTILE}", [4.0], HOSTILE, said=HOSTILE), Pupil("b", problem=HOSTILE)]
    page = class_page(marked_class(course, pupils))
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'" in page
    assert page.count("<script") == 1
    assert "<img" not in page
    assert not re.search(r'\b(?:src|href)="(?!#)', page)


def test_the_page_says_all_without_its_script(course: Course) -> None:
    page = class_page(marked_class(course, [Pupil("ada", [4.0])]))
    assert '<div id="tools" hidden>' in page
    assert "ada" in text_of(page.partition("<script>")[0])


@pytest.mark.parametrize("pupils", [[], [Pupil("ada")]], ids=["nobody", "nothing handed in"])
def test_a_class_without_results_has_a_page(course: Course, pupils: list[Pupil]) -> None:
    page = class_page(marked_class(course, pupils))
    assert "Nothing was handed in." in page


def test_what_all_students_wait_for_is_said_once(course: Course) -> None:
    exported = marked_class(course, [Pupil("ada", [4.0]), Pupil("bo", [10.0])])

    def waiting(student: StudentMarks) -> StudentMarks:
        return student._replace(marks={DOUBLE: student.marks[DOUBLE]._replace(pending=exported.maximum_of(DOUBLE))})

    ada, bo = exported.students
    assert "10 points pending." in text_of(class_page(exported._replace(students=[waiting(ada), bo])))
    everybody = text_of(class_page(exported._replace(students=[waiting(ada), waiting(bo)])))
    assert "points pending." not in everybody
    assert "2 students can still get points that are pending, 10 at most." in everybody


def test_code_in_the_courses_sentences_is_code_and_a_tag_in_them_is_text(course: Course) -> None:
    said = "`x_t` is *not* <b>doubled</b>."
    (student,) = marked_class(course, [Pupil("ada", [4.0])]).students
    mark = student.marks[DOUBLE]
    assert mark.stored is not None
    checks = [
        msgspec.structs.replace(
            check, title=said, diagnosis=tuple(msgspec.structs.replace(each, title=said) for each in check.diagnosis)
        )
        for check in mark.stored.result.checks
    ]
    result = msgspec.structs.replace(mark.stored.result, checks=tuple(checks))
    exported = marked_class(course, [Pupil("ada", [4.0])])
    changed = student._replace(marks={DOUBLE: mark._replace(stored=mark.stored._replace(result=result))})
    page = class_page(exported._replace(students=[changed]))
    assert (
        page.count("<code>x_t</code> is <em>not</em> &lt;b&gt;doubled&lt;/b&gt;.") == 2
    )  # where the student stands, and where the mistake does
    assert "<b>doubled" not in page
