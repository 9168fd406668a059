"""Marks for tables of Canvas and Moodle: no grade is lost, cleared or given to another, whatever people are called."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.classroom.export import Counted, Number, Undecided, Wanted
from grader.classroom.formats.canvas import fill_canvas
from grader.classroom.formats.moodle import fill_moodle
from grader.classroom.records import HandMark
from grader.errors import UsageError
from helpers.exports import LATE, canvas, course_with_policy, of
from helpers.fake_platforms import Moodle, Participant
from helpers.marked_class import DOUBLE, Pupil

if TYPE_CHECKING:
    from pathlib import Path

    from grader.classroom.export import ClassMarks
    from grader.course.model import Course
    from grader.report.documents import Document

pytestmark = pytest.mark.light

ODD_NAMES = st.one_of(
    st.sampled_from(
        ["=cmd|' /C calc'!A0", "Ö, Zoë", 'Quote "Q", Ann', "O'Neil; Bo", "Student", "Points Possible", "团, 队"]
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
        lambda name: name.strip() and name.strip().casefold() not in ("student, test", "test student")
    ),
)
RULES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return course_with_policy(tmp_path_factory.mktemp("exports"))


def filled(exported: ClassMarks, path: Path, table: bytes, assignment: str = "", **wanted: object) -> Document:
    path.write_bytes(table)
    write = fill_moodle if assignment == "moodle" else fill_canvas
    asked = Wanted(fill=path, assignment="" if assignment == "moodle" else assignment, **wanted)  # type: ignore[arg-type]
    return write(exported._replace(wanted=asked))


# --- Canvas -------------------------------------------------------------------------------------------------------


@RULES
@given(data=st.data())
def test_canvas_gets_every_decided_mark_and_keeps_everything_else(
    course: Course, tmp_path: Path, data: st.DataObject
) -> None:
    names = data.draw(st.lists(ODD_NAMES, min_size=1, max_size=6), label="names")
    users = [(str(1000 + at), name) for at, name in enumerate(names)]
    grades = st.sampled_from([None, "EX", Decimal("7.50"), Decimal("0.00")])
    platform = canvas(
        *users, comma=data.draw(st.booleans()), semicolon=data.draw(st.booleans()), manual=data.draw(st.booleans()),
        bom=data.draw(st.booleans()), line_end=data.draw(st.sampled_from(["\n", "\r\n"])),
    )  # fmt: skip
    for user, _ in users:
        platform.grades["Week 1 (9001)"][user] = data.draw(grades)
        if data.draw(st.booleans()):
            del platform.grades["Week 1 (9001)"][user]
    points = {user: data.draw(st.sampled_from([None, 0.0, 3.335, 10.0])) for user, _ in users[:-1]}
    pupils = [Pupil(user, [given]) for user, given in points.items()]
    exported = of(course, *pupils, Pupil("4711", [2.0]))
    table = platform.exported()
    before = {title: dict(grades) for title, grades in platform.grades.items()}
    changed_meanwhile = {
        user for user in before["Week 1 (9001)"] if points.get(user) is None and data.draw(st.booleans())
    }
    for user in changed_meanwhile:  # somebody grades in Canvas between export and import
        platform.grades["Week 1 (9001)"][user] = before["Week 1 (9001)"][user] = Decimal("8.88")
    decided = {user: given for user, given in points.items() if given is not None}
    if not points:
        with pytest.raises(UsageError, match="names none of the 1 students"):
            filled(exported, tmp_path / "canvas.csv", table, "9001")
        return
    done = platform.imported(filled(exported, tmp_path / "canvas.csv", table, "9001").content)
    assert (done.cleared, done.skipped) == ([], [])
    rounded = {None: None, 0.0: Decimal("0.00"), 3.335: Decimal("3.34"), 10.0: Decimal("10.00")}
    for user, grade in before["Week 1 (9001)"].items():
        expected = rounded[decided[user]] if user in decided and grade != "EX" else grade
        assert platform.grades["Week 1 (9001)"][user] == expected
    assert platform.grades["Week 2 (9002)"] == before["Week 2 (9002)"]


def test_an_assignment_is_chosen_by_title_or_id(course: Course, tmp_path: Path) -> None:
    exported = of(course, Pupil("1001", [4.0]))
    for said in ("9001", "Week 1", "week 1", "Week 1 (9001)"):
        platform = canvas(("1001", "Alpha, Ada"))
        done = platform.imported(filled(exported, tmp_path / "c.csv", platform.exported(), said).content)
        assert done.set == {"1001": Decimal("4.00")}


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("", "no word on the assignment in"),
        ("Week 3", "no assignment Week 3 in"),
        ("Final Score of week 3", "Canvas never imports a column whose heading contains `Final Score`"),
        ("9004", "which is read only in"),
    ],
)
def test_what_canvas_would_not_import_is_refused(course: Course, tmp_path: Path, assignment: str, said: str) -> None:
    platform = canvas(("1001", "Alpha, Ada"))
    more = {"Final Score of week 3 (9003)": "10.00", "Closed (9004)": "(read only)"}
    platform.grades |= {title: {"1001": None} for title in more}
    platform.possible = {**platform.possible, **more}
    with pytest.raises(UsageError, match=re.escape(said)):
        filled(of(course, Pupil("1001", [4.0])), tmp_path / "c.csv", platform.exported(), assignment)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("student,total\nada,3\n", "is not a gradebook of Canvas"),
        ("LastName,FirstName,ID,Section,Week 1 (9001)\nAlpha,Ada,1001,1,\n", "without splitting names"),
        ("Student,ID,Section,Week 1 (9001)\nAda,1,1,,,7\n", "has more cells in row 2 than headings"),
        ("", "is empty"),
        ("Student,ID,SIS Login ID,Section,Week 1 (9001)\nAda,77,x,1,\n", "names none of the 1 students"),
    ],
)
def test_a_table_that_is_not_the_right_one_is_refused(course: Course, tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        filled(of(course, Pupil("1001", [4.0])), tmp_path / "c.csv", table.encode())


def test_canvas_has_other_maximum_points_and_that_is_said(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), possible={"Week 1 (9001)": "1250.00", "Week 2 (9002)": "5.00"})
    document = filled(of(course, Pupil("1001", [8.0])), tmp_path / "c.csv", platform.exported(), "9001")
    assert platform.imported(document.content).set == {"1001": Decimal("1000.00")}
    assert b",1000.00" in document.content  # `1,000` would be 1
    assert "every mark is multiplied by 1250/10" in " ".join(document.said)


def test_a_login_that_is_the_number_of_somebody_else_gives_nobody_a_wrong_mark(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1002", "Beta, Bo"), ("1003", "Gamma, Cy"))
    platform.users[0].login, platform.users[1].login = "bo", "1001"
    exported = of(course, Pupil("1001", [1.0]), Pupil("1002", [2.0]), Pupil("1003", [3.0]))
    done = platform.imported(filled(exported, tmp_path / "c.csv", platform.exported(), "9001").content)
    assert done.set == {"1001": Decimal("1.00"), "1002": Decimal("2.00"), "1003": Decimal("3.00")}


def test_students_known_by_login_are_found(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1002", "Beta, Bo"))
    exported = of(course, Pupil("login-1001", [1.0]), Pupil("login-1002", [2.0]))
    done = platform.imported(filled(exported, tmp_path / "c.csv", platform.exported(), "9001").content)
    assert done.set == {"1001": Decimal("1.00"), "1002": Decimal("2.00")}


def test_a_key_of_another_kind_than_all_others_is_not_guessed(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1002", "Beta, Bo"), ("1003", "Gamma, Cy"))
    exported = of(course, Pupil("1001", [1.0]), Pupil("1002", [2.0]), Pupil("login-1003", [3.0]))
    document = filled(exported, tmp_path / "c.csv", platform.exported(), "9001")
    assert platform.imported(document.content).set == {"1001": Decimal("1.00"), "1002": Decimal("2.00")}
    assert "These students are in the gradebook and not in" in " ".join(document.said)


def test_the_test_student_gets_no_grade(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1009", "Student, Test"))
    exported = of(course, Pupil("1001", [1.0]), Pupil("1009", [2.0]))
    document = filled(exported, tmp_path / "c.csv", platform.exported(), "9001")
    assert platform.imported(document.content).set == {"1001": Decimal("1.00")}
    assert "Not in the file, so Canvas keeps what it has (the test student): 1009." in document.said


def test_lateness_is_taken_off_once(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"))
    exported = of(course, Pupil("1001", [8.0], when=LATE))
    table = platform.exported()
    total = filled(exported, tmp_path / "c.csv", table, "9001")
    assert platform.imported(total.content).set == {"1001": Decimal("7.00")}
    assert "it takes it off once more: export with --points score then" in " ".join(total.said)
    score = filled(exported, tmp_path / "c.csv", table, "9001", points=Number.SCORE)
    assert platform.imported(score.content).set == {"1001": Decimal("8.00")}
    assert "What lateness costs is not taken off" in " ".join(score.said)


def test_zeros_for_who_handed_in_nothing_go_out_only_if_asked(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1002", "Beta, Bo"))
    exported = of(course, Pupil("1001", [3.0]), Pupil("1002"))
    table = platform.exported()
    hold = exported._replace(undecided=Undecided(absent=Counted.HOLD))
    assert platform.imported(filled(hold, tmp_path / "c.csv", table, "9001").content).set == {"1001": Decimal(3)}
    assert platform.imported(filled(exported, tmp_path / "c.csv", table, "9001").content).set == {"1002": Decimal(0)}


# --- Moodle -------------------------------------------------------------------------------------------------------


@RULES
@given(data=st.data())
def test_moodle_gets_every_decided_mark_and_no_comment_is_erased(
    course: Course, tmp_path: Path, data: st.DataObject
) -> None:
    language = data.draw(st.sampled_from(["en", "de", "ja"]))
    names = data.draw(st.lists(ODD_NAMES, min_size=1, max_size=6), label="names")
    participants = [
        Participant(
            4101 + at, name, data.draw(st.sampled_from([None, Decimal("7.50")])),
            data.draw(st.sampled_from(["", "Well, begun.\nGo on;", "2026"])), data.draw(st.booleans()),
        )
        for at, name in enumerate(names)
    ]  # fmt: skip
    platform = Moodle(
        participants, language=language, blind=data.draw(st.booleans()), comments=data.draw(st.booleans())
    )
    points = {each.number: data.draw(st.sampled_from([None, 0.0, 3.335, 10.0])) for each in participants}
    exported = of(course, *(Pupil(str(number), [given]) for number, given in points.items()), Pupil("4099", [1.0]))
    before = {each.number: (each.grade, each.comment) for each in participants}
    document = filled(exported, tmp_path / "m.csv", platform.worksheet(), "moodle")
    assert document.content.startswith(platform.worksheet().removeprefix(b"\xef\xbb\xbf").split(b"\n")[0])
    done = platform.uploaded(document.content, overwrite=True)
    assert (done.erased, done.skipped, done.comments) == ([], [], {})
    rounded = {None: None, 0.0: Decimal("0.00"), 3.335: Decimal("3.34"), 10.0: Decimal("10.00")}
    for each in participants:
        given_points = None if each.locked else points[each.number]
        expected = before[each.number][0] if given_points is None else rounded[given_points]
        assert (each.grade, each.comment) == (expected, before[each.number][1])


@pytest.mark.parametrize(("language", "skips"), [("en", False), ("de", True), ("ja", True)])
def test_grades_that_moodle_would_skip_for_their_date_are_said(
    course: Course, tmp_path: Path, language: str, skips: bool
) -> None:
    platform = Moodle([Participant(4101, "Ada", Decimal(3)), Participant(4102, "Bo")], language=language)
    document = filled(
        of(course, Pupil("4101", [4.0], "Ada"), Pupil("4102", [5.0], "Bo")), tmp_path / "m.csv", platform.worksheet(),
        "moodle",
    )  # fmt: skip
    done = platform.uploaded(document.content)
    assert ("4101" in done.skipped, done.set.get("4102")) == (skips, Decimal("5.00"))
    said = " ".join(document.said)
    assert ("With a grade already whose date Moodle cannot read" in said) == skips
    assert ("Ada (4101)" in said) == skips


def test_the_number_of_a_team_is_not_that_of_a_participant(course: Course, tmp_path: Path) -> None:
    platform = Moodle([Participant(4102, "Bo"), Participant(31, "Cy")])
    exported = of(course, Pupil("4102", [4.0]), Pupil("Team 7_4102", [9.0]), Pupil("Team Blue_31", [9.0]))
    document = filled(exported, tmp_path / "m.csv", platform.worksheet(), "moodle")
    assert platform.uploaded(document.content).set == {"4102": Decimal("4.00")}
    assert "These students are in the gradebook and not in" in " ".join(document.said)


def test_moodle_scales_locks_and_caps_with_a_word(course: Course, tmp_path: Path) -> None:
    platform = Moodle(
        [Participant(1, "Ada"), Participant(2, "Bo", locked=True), Participant(3, "Cy")], Decimal(100), language="de"
    )
    bonus = Pupil("3", [10.0], by_hand=[HandMark(DOUBLE, "", 12.0, "a bonus", "eve", "")])
    exported = of(course, Pupil("1", [3.335]), Pupil("2", [4.0]), bonus)
    document = filled(exported, tmp_path / "m.csv", platform.worksheet(), "moodle")
    assert platform.uploaded(document.content).set == {"1": Decimal("33.35"), "3": Decimal("100.00")}
    said = " ".join(document.said)
    assert "every mark is multiplied by 100/10" in said
    assert "With a grade that Moodle does not let anybody change, and so not in the file: 2." in said
    assert "With more than 100, which Moodle would skip without a word, and so at the maximum: 3." in said


def test_lateness_is_said_in_an_empty_comment_and_not_in_one_that_is_there(course: Course, tmp_path: Path) -> None:
    platform = Moodle([Participant(1, "Ada"), Participant(2, "Bo", comment="Well begun.")])
    exported = of(course, Pupil("1", [8.0], when=LATE), Pupil("2", [8.0], when=LATE))
    platform.uploaded(filled(exported, tmp_path / "m.csv", platform.worksheet(), "moodle").content)
    assert [each.comment for each in platform.participants] == ["Earned 8 points; lateness: -1.", "Well begun."]


def test_lateness_is_said_on_the_scale_of_the_grade_beside_it_too(course: Course, tmp_path: Path) -> None:
    exported = of(course, Pupil("1", [8.0], when=LATE))
    for wanted, grade, points in (
        (Number.TOTAL, "70.00", "70 stands for 7"),
        (Number.SCORE, "80.00", "80 stands for 8"),
    ):
        platform = Moodle([Participant(1, "Ada")], Decimal(100))
        worksheet = platform.worksheet()
        platform.uploaded(filled(exported, tmp_path / "m.csv", worksheet, "moodle", points=wanted).content)
        [ada] = platform.participants
        assert ada.grade == Decimal(grade)
        assert ada.comment == f"Earned 8 points; lateness: -1. The grade {points} of 10 points."


def test_what_lateness_cannot_be_taken_off_is_said(course: Course) -> None:
    """Canvas tells no times in a download: marks must not go out as if all were on time."""
    said = " ".join(of(course, Pupil("1", [8.0], "Ada"), Pupil("2", [8.0], "Bo", when=LATE)).summary())
    assert "nobody knows when they came: lateness costs them nothing. They are of Ada (1). A roster" in said
    assert "nobody knows" not in " ".join(of(course, Pupil("2", [8.0], "Bo", when=LATE)).summary())


@pytest.mark.parametrize(
    "table",
    [
        "Identifier,Full name,Status,Grade,Scale,Grade can be changed,Last modified (grade)\nParticipant 1,A,x,,Good,Yes,-\n",
        "student,name\nada,Ada\n",
        "Identifier,Grade,Maximum grade\n",
    ],
)
def test_what_is_not_a_worksheet_with_points_is_refused(course: Course, tmp_path: Path, table: str) -> None:
    with pytest.raises(UsageError, match="is not a grading worksheet of Moodle that is graded by points"):
        filled(of(course, Pupil("1", [4.0])), tmp_path / "m.csv", table.encode(), "moodle")
