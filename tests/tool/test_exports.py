"""Marks that go out to platforms: no grade is lost, cleared or given to another, whatever people are called."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from grader.classroom.export import Counted, Number, Undecided, Wanted
from grader.classroom.file_names import file_names
from grader.classroom.formats.anonymous import research_json
from grader.classroom.formats.canvas import fill_canvas
from grader.classroom.formats.classroom50 import result_json
from grader.classroom.formats.gradescope import results_json
from grader.classroom.formats.json import marks_json
from grader.classroom.formats.moodle import fill_moodle
from grader.classroom.formats.nbgrader import marks_nbgrader
from grader.classroom.formats.xlsx import workbook
from grader.classroom.policy import Policy
from grader.classroom.policy_file import load_policy
from grader.classroom.records import Comment, HandMark
from grader.course.finding import find_course
from grader.errors import UsageError
from helpers import small_class
from helpers.course_factory import make_course, write_files
from helpers.fake_platforms import (
    Canvas,
    CanvasUser,
    Moodle,
    Participant,
    classroom50_share,
    gradescope_score,
    nbgrader_scores,
)
from helpers.marked_class import DOUBLE, Pupil, marked_class

if TYPE_CHECKING:
    from pathlib import Path

    from grader.classroom.export import ClassMarks
    from grader.course.model import Course
    from grader.report.documents import Document, Files
    from helpers.command import Command

pytestmark = pytest.mark.light

LATE = "2026-11-21T10:00:00+00:00"
POLICY = (
    'schema = "grader.policy/1"\ntime_zone = "UTC"\n[defaults]\ndue = 2026-11-20T12:00:00\n'
    'percent = 10\nof = "maximum"\n'
)
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
    root = make_course(tmp_path_factory.mktemp("exports"), ["numbers/double", "numbers/twofold"])
    write_files(root, {"rubrics/policy.toml": POLICY})
    return find_course(root)


def of(course: Course, *pupils: Pupil, worth: float = 10.0) -> ClassMarks:
    return marked_class(course, pupils, load_policy(course), worth)


def filled(exported: ClassMarks, path: Path, table: bytes, assignment: str = "", **wanted: object) -> Document:
    path.write_bytes(table)
    write = fill_moodle if assignment == "moodle" else fill_canvas
    asked = Wanted(fill=path, assignment="" if assignment == "moodle" else assignment, **wanted)  # type: ignore[arg-type]
    return write(exported._replace(wanted=asked))


# --- Canvas -------------------------------------------------------------------------------------------------------


def canvas(*users: tuple[str, str], grade: Decimal | str | None = None, **options: object) -> Canvas:
    people = [CanvasUser(id_, name, f"login-{id_}") for id_, name in users]
    grades: dict[str, dict[str, Decimal | str | None]] = {
        "Week 1 (9001)": {each.id: grade for each in people},
        "Week 2 (9002)": {each.id: Decimal(5) for each in people},
    }
    options.setdefault("possible", {"Week 1 (9001)": "10.00", "Week 2 (9002)": "5.00"})
    return Canvas(people, grades, **options)  # type: ignore[arg-type]


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
    assert "1 of the gradebook are not in" in " ".join(document.said)


def test_the_test_student_gets_no_grade(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1009", "Student, Test"))
    exported = of(course, Pupil("1001", [1.0]), Pupil("1009", [2.0]))
    document = filled(exported, tmp_path / "c.csv", platform.exported(), "9001")
    assert platform.imported(document.content).set == {"1001": Decimal("1.00")}
    assert "1 are not in the file, so Canvas keeps what it has (the test student): 1009." in document.said


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
    assert ("1 have a grade already whose date Moodle cannot read" in said) == skips
    assert ("Ada (4101)" in said) == skips


def test_the_number_of_a_team_is_not_that_of_a_participant(course: Course, tmp_path: Path) -> None:
    platform = Moodle([Participant(4102, "Bo"), Participant(31, "Cy")])
    exported = of(course, Pupil("4102", [4.0]), Pupil("Team 7_4102", [9.0]), Pupil("Team Blue_31", [9.0]))
    document = filled(exported, tmp_path / "m.csv", platform.worksheet(), "moodle")
    assert platform.uploaded(document.content).set == {"4102": Decimal("4.00")}
    assert "2 of the gradebook are not in" in " ".join(document.said)


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
    assert "1 have a grade that Moodle does not let anybody change, and are not in the file: 2." in said
    assert "1 have more than 100, which Moodle skips without a word: they get the maximum: 3." in said


def test_lateness_is_said_in_an_empty_comment_and_not_in_one_that_is_there(course: Course, tmp_path: Path) -> None:
    platform = Moodle([Participant(1, "Ada"), Participant(2, "Bo", comment="Well begun.")])
    exported = of(course, Pupil("1", [8.0], when=LATE), Pupil("2", [8.0], when=LATE))
    platform.uploaded(filled(exported, tmp_path / "m.csv", platform.worksheet(), "moodle").content)
    assert [each.comment for each in platform.participants] == ["Earned 8 points; lateness: -1.", "Well begun."]


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


# --- results as autograders write them ------------------------------------------------------------------------------


def files_of(files: Files) -> dict[str, bytes]:
    return dict(files.files)


CLASS = (
    Pupil("ada@example.org", [3.335, 10.0], "Alpha, Ada", when=LATE),
    Pupil("../../bo", [None, 4.0], 'Bo "B" Beta'),
    Pupil("cy", name="Cy, X, Gamma"),
    Pupil("di", name="=Di", problem="Only `di.rar`."),
)


def test_gradescope_takes_the_total_and_shows_nothing_of_hidden_checks(course: Course) -> None:
    files = results_json(of(course, *CLASS))
    found = files_of(files)
    assert sorted(found) == ["ada@example.org/results.json", "cy/results.json"]
    assert gradescope_score(found["ada@example.org/results.json"]) == Decimal("11.34")  # 13.335, less 1 for each
    assert gradescope_score(found["cy/results.json"]) == 0
    assert '2 have no decided mark, and no file: Bo "B" Beta (../../bo), =Di (di).' in files.said
    results = json.loads(found["ada@example.org/results.json"])
    assert "told-hidden" not in json.dumps(results)
    assert {test["visibility"] for test in results["tests"] if "Others" in test["name"]} == {"after_published"}
    state = results["extra_data"]["marks"][0]
    assert (state["score"], state["penalty"], state["isolation"]) == (3.335, -1, "strict")


def test_pending_points_are_a_test_without_a_score(course: Course) -> None:
    exported = of(course, Pupil("ada", [4.0]))
    mark = exported.students[0].marks[DOUBLE]
    waiting = mark._replace(criteria=[mark.criteria[0], mark.criteria[1]._replace(points=None)], pending=Decimal(6))
    student = exported.students[0]._replace(marks={DOUBLE: waiting})
    found = files_of(results_json(exported._replace(students=[student])))
    pending = json.loads(found["ada/results.json"])["tests"][1]
    assert "score" not in pending
    assert "Pending: 6 points." in pending["output"]


def test_times_without_an_offset_are_local_times_of_the_course(course: Course) -> None:
    exported = marked_class(
        course, [Pupil("ada", [10.0], when="2026-11-21T00:30:00")], Policy(zone=ZoneInfo("Europe/Berlin"))
    )
    [line] = csv.DictReader(io.StringIO(marks_nbgrader(exported).content.decode()))
    assert line["timestamp"] == "2026-11-20 23:30:00"
    [file] = result_json(exported._replace(wanted=Wanted(assignment="sd/hw"))).files
    assert json.loads(file.content)["datetime"] == "2026-11-20T23:30:00Z"
    pupils = [Pupil("ada", [10.0], when="2026-11-21T00:30:00"), Pupil("bo", [10.0], when="2026-11-19T23:45:00+00:00")]
    exported = marked_class(course, pupils, Policy(zone=ZoneInfo("Europe/Berlin")))
    students = json.loads(research_json(exported).content)["students"]
    assert sorted(student["attempts"][0]["day"] for student in students) == [0, 0]


def test_classroom_50_gets_whole_numbers_and_no_share_is_lost(course: Course) -> None:
    exported = of(course, *CLASS)._replace(wanted=Wanted(assignment="sd/week-1"))
    files = result_json(exported)
    found = files_of(files)
    assert classroom50_share(found["ada@example.org/result.json"]) == Decimal("11.34") / 20
    assert "multiplied by 100" in files.said[0]
    assert "told-hidden" not in found["ada@example.org/result.json"].decode()
    assert json.loads(found["ada@example.org/result.json"])["datetime"] == "2026-11-21T10:00:00Z"
    with pytest.raises(UsageError, match="add --assignment CLASSROOM/ASSIGNMENT"):
        result_json(of(course, *CLASS))


def test_nbgraders_readers_may_split_at_commas(course: Course) -> None:
    document = marks_nbgrader(of(course, *CLASS))
    scores = nbgrader_scores(document.content)
    assert scores["ada@example.org", "numbers-double"] == (Decimal("2.335"), 1, True)
    assert scores["cy", "numbers-double"] == (0, 0, False)
    assert ("../../bo", "numbers-twofold") in scores
    assert ("../../bo", "numbers-double") not in scores
    assert "=Di (di)" in " ".join(document.said)


@given(keys=st.lists(st.text(max_size=150), unique=True, max_size=8))
def test_names_of_files_are_safe_and_different(keys: list[str]) -> None:
    names = file_names([*keys, "..", ".", "", "CON", "con", "a/b", "a\\b", "-rf", "=x", "Ada", "ada", "ADA"])
    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert re.fullmatch(r"[^/\\\x00-\x1f:*?\"<>|.=-][^/\\\x00-\x1f:*?\"<>|]*", name)
        assert not name.endswith((" ", "."))
        assert len(name.encode()) < 120


# --- xlsx ---------------------------------------------------------------------------------------------------------


def test_a_workbook_has_numbers_explanations_and_no_formula(course: Course) -> None:
    from openpyxl import load_workbook

    hostile = Pupil("=1+1", [3.5, 4.0], "@SUM(A1)\x07\t=2", when=LATE)
    book = load_workbook(io.BytesIO(workbook(of(course, hostile, *CLASS, Pupil("#N/A", [1.0]))).content))
    assert book.sheetnames == ["Marks", "Explained", "Policy"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # neither a formula nor an error
    first = [cell.value for cell in book["Marks"][3]]
    assert first == ["'=1+1", "'@SUM(A1) =2", 3.5, 4, 7.5, -2, 5.5, 0, None]
    assert "lateness -1" in book["Explained"][2][5].value
    assert 'schema = "grader.policy/1"' in [row[0].value for row in book["Policy"].iter_rows()]


# --- for research -------------------------------------------------------------------------------------------------

SECRET = "sesame"


def hostile_class(course: Course) -> ClassMarks:
    mark = HandMark(DOUBLE, "", 3.0, f"why-{SECRET}", f"author-{SECRET}", f"2026-{SECRET}")
    comment = Comment(1, DOUBLE, 1, f"{SECRET}.py", 1, f"text-{SECRET}", SECRET, SECRET)
    pupils = [
        Pupil(f"{SECRET}-{at}", [4.0, 10.0], f"{SECRET} {at}", f"2026-11-{20 + at}T10:00:00+00:00", by_hand=[mark],
              comments=[comment], said=SECRET)
        for at in range(8)
    ]  # fmt: skip
    return of(course, *pupils, Pupil(f"{SECRET}-x", problem=f"Only `{SECRET}.rar`."))


def test_an_export_for_research_has_nothing_that_anybody_wrote_or_is(course: Course) -> None:
    text = research_json(hostile_class(course)).content.decode()
    document = json.loads(text)
    for leaked in (
        SECRET,
        "hash-",
        "ffff",
        "cccc",
        "told-hidden",
        "2026",
        "eve",
        "Two is doubled",
        "It is not doubled",
    ):
        assert leaked not in text
    assert sorted(each["attempts"][0]["day"] for each in document["students"] if each["attempts"][0]["day"] is not None) == list(range(8))  # fmt: skip
    result = next(each for each in document["students"] if each["attempts"][0]["results"])["attempts"][0]["results"][0]
    assert result["checks"] == {"test_public": "failed", "test_hidden": "failed"}
    assert (result["mistakes"], result["isolation"], result["points"]) == (["unchanged"], "strict", 4)
    assert result["libraries"] == "torch 2.13.0, numpy 2.4.6"


def test_an_export_for_research_draws_ids_and_order_anew(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = hostile_class(course)
    one, other = (json.loads(research_json(exported).content)["students"] for _ in range(2))
    assert {each["id"] for each in one}.isdisjoint(each["id"] for each in other)
    seed = random.Random(1)
    monkeypatch.setattr("secrets.SystemRandom", lambda: seed)
    days = [each["attempts"][0]["day"] for each in json.loads(research_json(exported).content)["students"]]
    assert days != [each.record.student for each in exported.students]
    assert [day for day in days if day is not None] != list(range(8))


# --- the command ------------------------------------------------------------------------------------------------


@pytest.fixture
def gradebook(tmp_path: Path) -> Path:
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.records import Delivery, Graded
    from helpers.marked_class import LIBRARIES, result

    root = make_course(tmp_path / "course", ["numbers/double", "numbers/twofold"])
    book = Gradebook.create(root / "class.sqlite", find_course(root).name, LIBRARIES)
    for student, points in (("1001", (4.0, 10.0)), ("1002", (3.0, None))):
        number = book.attempt(Delivery(student, sha256=student, handin="work.py"))
        for exercise, each in zip((DOUBLE, ("numbers", "twofold")), points, strict=True):
            book.store(student, number, [Graded(result(exercise, each, 10.0), {}, 0.1, "strict")])
    book.close()
    return root


def test_the_command_fills_a_table_and_says_what_it_left_out(gradebook: Path, command: Command) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1002", "Beta, Bo"))
    (gradebook / "canvas.csv").write_bytes(platform.exported())
    arguments = ["export", "--gradebook", "class.sqlite", "--format", "canvas", "--fill", "canvas.csv"]
    done = command.run(*arguments, "--assignment", "9001", "-o", "out.csv", "double", cwd=gradebook)
    assert (done.returncode, done.stdout) == (0, "")
    assert platform.imported((gradebook / "out.csv").read_bytes()).set == {"1001": Decimal(4), "1002": Decimal(3)}
    done = command.run(*arguments, "--assignment", "9001", cwd=gradebook)
    assert done.stdout.count("\n") == 3
    assert "1 are not in the file, so Canvas keeps what it has (no mark is decided): 1002." in done.stderr


def test_the_command_writes_a_folder_or_an_archive_and_overwrites_none(gradebook: Path, command: Command) -> None:
    arguments = ["export", "--gradebook", "class.sqlite", "--format", "gradescope", "-o"]
    assert command.run(*arguments, "out", cwd=gradebook).returncode == 0
    assert [path.relative_to(gradebook).as_posix() for path in (gradebook / "out").rglob("*.json")] == [
        "out/1001/results.json"
    ]
    again = command.run(*arguments, "out", cwd=gradebook)
    assert (again.returncode, "name a new folder with -o" in again.stderr) == (2, True)
    assert command.run(*arguments, "out.zip", cwd=gradebook).returncode == 0
    assert zipfile.ZipFile(gradebook / "out.zip").namelist() == ["1001/results.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "canvas"], "name its gradebook with --fill FILE"),
        (["--format", "moodle", "--fill", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["--format", "csv", "--fill", "x.csv"], "--fill means nothing for --format csv: leave it out."),
        (["--format", "nbgrader", "--points", "score"], "--points means nothing for --format nbgrader"),
        (["--format", "gradescope"], "name a new folder, or a .zip, with -o"),
        (["--format", "gradescope", "-o", "rubrics"], "rubrics is there already"),
        (["--format", "csv", "nothing"], "No lesson or exercise is called `nothing`"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    gradebook: Path, command: Command, arguments: list[str], said: str
) -> None:
    done = command.run("export", "--gradebook", "class.sqlite", *arguments, cwd=gradebook)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_marks_of_some_exercises_are_those_that_they_are_among_all(course: Course) -> None:
    exported = of(course, Pupil("ada", [3.0, 4.0])).on([DOUBLE])
    assert (exported.exercises, exported.total_of(exported.students[0])) == ([DOUBLE], 3)


def test_zeros_for_who_handed_in_nothing_go_out_only_if_asked(course: Course, tmp_path: Path) -> None:
    platform = canvas(("1001", "Alpha, Ada"), ("1002", "Beta, Bo"))
    exported = of(course, Pupil("1001", [3.0]), Pupil("1002"))
    table = platform.exported()
    hold = exported._replace(undecided=Undecided(absent=Counted.HOLD))
    assert platform.imported(filled(hold, tmp_path / "c.csv", table, "9001").content).set == {"1001": Decimal(3)}
    assert platform.imported(filled(exported, tmp_path / "c.csv", table, "9001").content).set == {"1002": Decimal(0)}


# --- JSON -----------------------------------------------------------------------------------------------------------


def schema(name: str) -> Any:
    return json.loads(files("grader").joinpath(f"schemas/{name}").read_text(encoding="utf-8"))


def test_json_says_of_every_attempt_what_it_is_made_of(tmp_path: Path) -> None:
    work = small_class.Class(tmp_path)
    work.hand_in("ada", 4.0, when="2026-11-20T10:00:00+00:00", checks="first", rubric="r")
    work.hand_in(
        "ada", 10.0, when="2026-11-21T10:00:00+00:00", checks="second", rubric="r", exercise=small_class.TWOFOLD
    )
    work.hand_in("ada", problem="It is not an archive.", when="2026-11-22T10:00:00+00:00")
    work.hand_in("bob", held="two files define it")
    work.decisions.override("bob", "double", 7.0, "Appeal.")
    found = json.loads(marks_json(work.marks()))
    ada, bob = found["students"]
    assert [(each["number"], each["problem"]) for each in ada["attempts"]] == [
        (1, ""), (2, ""), (3, "It is not an archive."),
    ]  # fmt: skip
    assert [
        [(each["exercise"], each["points"], each["made_of"]["checks"], each["outcome"]) for each in attempt["results"]]
        for attempt in ada["attempts"]
    ] == [[("numbers/double", 4.0, "first", "failed")], [("numbers/twofold", 10.0, "second", "passed")], []]
    assert ada["attempts"][0]["results"][0]["made_of"].keys() == {"hand-in", "checks", "rubric"}
    assert [(each["attempt"], each["points"], each["passed_over"]) for each in ada["marks"]] == [
        (1, 4.0, [3]), (2, 10.0, [3]),
    ]  # fmt: skip
    assert bob["attempts"][0]["results"][0]["outcome"] == "error"
    assert bob["marks"][0]["override"]["points"] == 7.0
    others = Registry().with_resources(
        [(name, Resource.from_contents(schema(name))) for name in ("class-2.schema.json", "result-1.schema.json")]
    )
    validator = Draft202012Validator(schema("class-2.schema.json"), registry=others)
    assert [error.message for error in validator.iter_errors(found)] == []
    del ada["attempts"][1]["results"][0]["made_of"], ada["marks"][1]["result"]["checks"]
    assert [list(error.absolute_path) for error in validator.iter_errors(found)] == [
        ["students", 0, "attempts", 1, "results", 0], ["students", 0, "marks", 1, "result"],
    ]  # fmt: skip


def test_json_on_some_exercises_names_no_other(tmp_path: Path) -> None:
    work = small_class.Class(tmp_path)
    work.hand_in("ada", 4.0)
    work.hand_in("ada", 10.0, exercise=small_class.TWOFOLD)
    assert marks_json(work.marks()).count("numbers/twofold") == 2  # an attempt's result, and the mark
    assert "numbers/twofold" not in marks_json(work.marks().on([DOUBLE]))


def test_of_many_who_have_pending_points_twenty_are_named(course: Course) -> None:
    def sentence(count: int) -> str:
        exported = marked_class(course, [Pupil(f"s{number:02}", [4.0]) for number in range(count)])
        marks = [student.marks[DOUBLE]._replace(pending=Decimal(2)) for student in exported.students]
        students = [s._replace(marks={DOUBLE: mark}) for s, mark in zip(exported.students, marks, strict=True)]
        (said,) = exported._replace(students=students).summary()
        return said

    twenty = ", ".join(f"s{number:02}" for number in range(20))
    assert sentence(20) == f"20 with points that are still pending: {twenty}."
    assert sentence(27) == f"27 with points that are still pending: {twenty} and 7 more."
