"""Marks that go out as files: results as autograders write them, a workbook, JSON, and what research gets."""

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
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from grader.classroom.export import Wanted
from grader.classroom.file_names import file_names
from grader.classroom.formats.anonymous import research_json
from grader.classroom.formats.classroom50 import result_json
from grader.classroom.formats.gradescope import results_json
from grader.classroom.formats.json import marks_json
from grader.classroom.formats.nbgrader import marks_nbgrader
from grader.classroom.formats.xlsx import workbook
from grader.classroom.policy import Policy
from grader.classroom.records import Comment, HandMark
from grader.course.finding import find_course
from grader.errors import UsageError
from helpers import small_class
from helpers.course_factory import make_course
from helpers.exports import LATE, canvas, course_with_policy, of
from helpers.fake_platforms import classroom50_share, gradescope_score, nbgrader_scores
from helpers.marked_class import DOUBLE, Pupil, marked_class

if TYPE_CHECKING:
    from pathlib import Path

    from grader.classroom.export import ClassMarks
    from grader.course.model import Course
    from grader.report.documents import Files
    from helpers.command import Command

pytestmark = pytest.mark.light


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return course_with_policy(tmp_path_factory.mktemp("exports"))


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
    assert 'Without a decided mark, and so without a file: Bo "B" Beta (../../bo), =Di (di).' in files.said
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
    assert "Not in the file, so Canvas keeps what it has (no mark is decided): 1002." in done.stderr


def test_the_command_writes_a_folder_or_an_archive_and_overwrites_none(gradebook: Path, command: Command) -> None:
    arguments = ["export", "--gradebook", "class.sqlite", "--format", "gradescope", "-o"]
    assert command.run(*arguments, "out", cwd=gradebook).returncode == 0
    assert [path.relative_to(gradebook).as_posix() for path in (gradebook / "out").rglob("*.json")] == [
        "out/1001/results.json"
    ]
    again = command.run(*arguments, "out", cwd=gradebook)
    assert (again.returncode, "name a new folder, so" in again.stderr) == (2, True)
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
