"""A class: who handed in what, the gradebook under faults, what is graded again, and what is made of it."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.classroom.class_page import class_page
from grader.classroom.export import ClassMarks, Counted, Undecided, class_of, read_class
from grader.classroom.formats.csv import marks_csv, neutral
from grader.classroom.formats.json import marks_json
from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import Class as Found
from grader.classroom.handins import find_class, read_handed_in
from grader.classroom.platforms.download import opened
from grader.classroom.records import Delivery, Graded
from grader.classroom.run import grade_class
from grader.course.finding import find_course
from grader.course.seeds import Seeds
from grader.errors import UsageError
from grader.jobs import Settings
from grader.results import ExerciseResult, Outcome
from grader.sandbox.outside.server import Isolation
from grader.submission.model import Problem
from helpers.course_factory import make_course, write_files
from helpers.patience import wait_until

if TYPE_CHECKING:
    from grader.classroom.run import Summary
    from grader.course.model import Course
    from helpers.command import Command
    from helpers.command import Done as Said

LIBRARIES = "torch 2.13.0, numpy 2.4.0"
GRADE = str(Path(sys.executable).with_name("grade"))
RIGHT = "def double(number):\n    return 2 * number\n"
UNCHANGED = "def double(number):\n    return number\n"
# The judge's own process dies, or a check breaks, where a submission answers so: no submission can do it by itself.
FRAGILE = '''import os
import signal
from pathlib import Path

from grader.checks import assert_equal


def test_double_of_two(submission):
    """Twice two is four."""
    found = submission.double(2)
    if found == 666:
        os.kill(os.getpid(), signal.SIGKILL)
    if found == 777 and not Path({flag!r}).exists():
        raise OSError("the check is broken")
    assert_equal(found, 4, "Twice two is four.")
'''


def result(points: float = 4.0, outcome: Outcome = Outcome.FAILED) -> ExerciseResult:
    return ExerciseResult("numbers", "double", points, 10.0, outcome, (), ())


def store(gradebook: Gradebook, student: str, outcome: Outcome = Outcome.FAILED) -> None:
    number = gradebook.attempt(Delivery(student, handin=f"{student}.py", sha256="abc"))
    gradebook.store(student, number, [Graded(result(outcome=outcome), {"hand-in": "abc"}, 0.1, "strict")])


@pytest.fixture
def gradebook(tmp_path: Path) -> Gradebook:
    return Gradebook.create(tmp_path / "class.sqlite", "Doubling", LIBRARIES, lock_seconds=0.05)


# --- hand-ins ---------------------------------------------------------------------------------------------------


def found_in(folder: Path) -> Found:
    with opened(folder) as download:
        return find_class(download)


def problems_in(folder: Path) -> dict[str, str]:
    """Return what is wrong with each hand-in, "" if nothing is."""
    with opened(folder) as download:
        read = {handin.label: read_handed_in(handin).submission for handin in find_class(download).handins}
    return {student: each.sentence if isinstance(each, Problem) else "" for student, each in read.items()}


def test_every_entry_is_a_students_and_named_by_it(tmp_path: Path) -> None:
    write_files(tmp_path, {"ada/work.py": RIGHT, "bob.py": RIGHT, "cem.zip": b"", "dot.ipynb": b"{}", "notes.pdf": b"",
                           ".DS_Store": b"", "__MACOSX/x": b""})  # fmt: skip
    found = found_in(tmp_path)
    assert [handin.label for handin in found.handins] == ["ada", "bob", "cem", "dot"]
    assert found.ignored == ["notes.pdf"]


def test_two_handins_of_one_student_are_that_students_problem(tmp_path: Path) -> None:
    write_files(tmp_path, {"ada/work.py": RIGHT, "Ada.py": RIGHT, "bob.py": RIGHT})
    assert problems_in(tmp_path) == {
        "Ada": "There are 2 hand-ins of Ada (Ada.py, ada): keep the one that counts.", "bob": "",
    }  # fmt: skip


def test_one_name_in_two_unicode_forms_is_one_student(tmp_path: Path) -> None:
    write_files(tmp_path, {"Zoe\u0308.py": RIGHT, "zo\u00eb/work.py": RIGHT})
    assert len(found_in(tmp_path).handins) == 1


def test_an_empty_or_linked_handin_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    write_files(tmp_path, {"bob.py": RIGHT})
    (tmp_path / "cem.py").symlink_to(tmp_path / "bob.py")
    problems = problems_in(tmp_path)
    assert "contains no .py" in problems["ada"]
    assert "symbolic link" in problems["cem"]


@pytest.mark.parametrize(
    ("name", "said"), [("missing", "cannot be read"), ("file", "Not a directory"), ("empty", "no hand-in")]
)
def test_a_folder_without_handins_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=said):
        found_in(tmp_path / name)


# --- gradebook --------------------------------------------------------------------------------------------------


def test_an_error_of_the_grader_has_no_fingerprint(gradebook: Gradebook) -> None:
    store(gradebook, "ada", Outcome.ERROR)
    assert gradebook.made_of("ada", 1) == {}


def test_a_locked_gradebook_is_a_sentence_and_keeps_what_it_has(gradebook: Gradebook, tmp_path: Path) -> None:
    store(gradebook, "ada")
    with closing(sqlite3.connect(tmp_path / "class.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UsageError, match=r"class\.sqlite is locked by another process.*stays"):
            store(gradebook, "bob")
    assert [record.student for record in gradebook.records()] == ["ada"]


def test_a_full_disk_is_a_sentence_and_keeps_what_it_has(gradebook: Gradebook) -> None:
    store(gradebook, "ada")
    with gradebook._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # of the one connection that the pool has
    with pytest.raises(UsageError, match="the disk is full"):
        gradebook.attempt(Delivery("bob", handin="bob.py", problem="x" * 100_000))
    assert [record.student for record in gradebook.records()] == ["ada"]


def test_a_read_only_database_is_a_sentence(gradebook: Gradebook) -> None:
    with gradebook._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(UsageError, match="may not be written"):
        store(gradebook, "ada")


def test_another_courses_gradebook_is_refused(gradebook: Gradebook, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='is the gradebook of "Doubling", not of "Halving"'):
        Gradebook.create(tmp_path / "class.sqlite", "Halving", LIBRARIES)
    assert gradebook.course == "Doubling"


@pytest.mark.parametrize("content", [b"student,points\n" * 100, b"PK\x03\x04" * 300])
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "class.sqlite"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not an SQLite file"):
        Gradebook.create(path, "Doubling", LIBRARIES)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE students (name TEXT)")
    with pytest.raises(UsageError, match="a database of something else"):
        Gradebook.create(path, "Doubling", LIBRARIES)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("students",)]


@pytest.mark.usefixtures("gradebook")
def test_a_gradebook_of_a_newer_kind_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as other, other:
        other.execute("UPDATE about SET value = 'grader.gradebook/9' WHERE key = 'schema'")
    with pytest.raises(UsageError, match=r"grader\.gradebook/9"):
        Gradebook.open(tmp_path / "class.sqlite")


def test_reading_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no gradebook"):
        Gradebook.open(tmp_path / "class.sqlite")
    assert list(tmp_path.iterdir()) == []


# --- a run over a class -----------------------------------------------------------------------------------------


def test_a_gradebook_that_was_begun_with_other_libraries_is_refused_until_all_is_graded_again(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    Gradebook.create(path, "Doubling", LIBRARIES).close()
    other = LIBRARIES.replace("2.13.0", "2.14.1")
    sentence = r"was begun with torch 2\.13\.0\. Here is torch 2\.14\.1, .* with --regrade\."
    with pytest.raises(UsageError, match=sentence):
        Gradebook.create(path, "Doubling", other)
    Gradebook.create(path, "Doubling", other, regrade=True).close()
    Gradebook.create(path, "Doubling", other).close()
    with pytest.raises(UsageError, match=r"was begun with torch 2\.14\.1"):
        Gradebook.create(path, "Doubling", LIBRARIES)


def test_a_gradebook_of_before_libraries_were_recorded_takes_those_of_now(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    Gradebook.create(path, "Doubling", LIBRARIES).close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DELETE FROM about WHERE key = 'libraries'")
    Gradebook.create(path, "Doubling", "torch 2.14.1").close()
    with pytest.raises(UsageError, match=r"was begun with torch 2\.14\.1"):
        Gradebook.create(path, "Doubling", LIBRARIES)


class Class:
    """A course, a folder of hand-ins and a gradebook, graded as often as one likes."""

    def __init__(self, root: Path, students: dict[str, str | bytes]) -> None:
        self.flag = root / "mended"
        fragile = FRAGILE.format(flag=str(self.flag))
        make_course(root / "course", changes={"exercises/numbers/checks/test_double.py": fragile})
        self.folder = write_files(root / "handins", students)
        self.gradebook = Gradebook.create(root / "class.sqlite", "Doubling, step by step", LIBRARIES)

    @property
    def course(self) -> Course:
        return find_course(self.folder.parent / "course")

    def grade(self, seed: int | None = None, *, regrade: bool = False) -> Summary:
        settings = Settings(self.course.root, ("numbers/double",), Isolation.AUTO, Seeds(seed))
        with opened(self.folder) as download:
            handins = find_class(download).handins
            return grade_class(self.course, handins, self.gradebook, settings, 1, regrade=regrade)

    def marks(self) -> ClassMarks:
        return class_of(self.course, self.gradebook)

    def points(self) -> dict[str, float | None]:
        found = {s.record.student: mark.points for s in self.marks().students for mark in s.marks.values()}
        return {student: None if points is None else float(points) for student, points in found.items()}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Return a class graded once; tests only read it."""
    students: dict[str, str | bytes] = {
        "ada.py": RIGHT,
        "bob/double.py": UNCHANGED,
        "=cmd|x.py": UNCHANGED,
        "<b>eve.py": "def double(number):\n    raise ValueError('<script>alert(1)</script>')\n",
        "fay/notes.txt": b"",
        "gus.py": "def double(number):\n    return 666\n",
        "hal.py": "def double(number):\n    return 777\n",
    }
    found = Class(tmp_path_factory.mktemp("class"), students)
    found.summary = found.grade()  # type: ignore[attr-defined]
    return found


def test_marks_are_those_of_grading_one_by_one(work: Class) -> None:
    assert work.points() == {
        "ada": 10.0, "bob": 0.0, "=cmd|x": 0.0, "<b>eve": 0.0, "fay": None, "gus": None, "hal": None,
    }  # fmt: skip


def test_a_summary_keeps_problems_and_the_graders_errors_apart(work: Class) -> None:
    summary = work.summary  # type: ignore[attr-defined]
    assert sorted(summary.graded) == ["<b>eve", "=cmd|x", "ada", "bob"]
    assert list(summary.problems) == ["fay"]
    assert sorted(summary.broken) == ["gus", "hal"]


def test_a_job_that_dies_takes_nobody_along_and_is_no_zero(work: Class) -> None:
    gus = next(record for record in work.gradebook.records() if record.student == "gus")
    outcomes = {stored.result.outcome for stored in gus.attempts[0].results.values()}
    assert outcomes == {Outcome.ERROR}
    assert "was killed" in work.summary.broken["gus"]  # type: ignore[attr-defined]


def test_csv_has_a_mark_a_cell_and_an_empty_one_where_nothing_is_decided(work: Class) -> None:
    rows = list(csv.reader(io.StringIO(marks_csv(work.marks()))))
    assert rows[0] == ["student", "name", "numbers/double", "score", "penalty", "total", "pending", "message"]
    assert rows[1] == ["points possible", "", "10", "10", "", "10", "", ""]
    by_student = {row[0]: row[1:] for row in rows[2:]}
    assert by_student["ada"] == ["ada", "10", "10", "0", "10", "0", ""]
    assert by_student["'=cmd|x"][1:5] == ["0", "0", "0", "0"]
    assert by_student["fay"][1:5] == ["", "", "0", ""]
    assert "only `notes.txt`, an empty file" in by_student["fay"][-1]
    assert by_student["gus"][1:5] == ["", "", "0", ""]
    assert "grade it again" in by_student["gus"][-1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert neutral(text)[0] == "'"


def test_an_ordinary_name_stays_as_it_is() -> None:
    assert neutral("Ada Lovelace-King") == "Ada Lovelace-King"


def test_json_holds_everything(work: Class) -> None:
    found = json.loads(marks_json(work.marks()))
    assert found["schema"] == "grader.class/2"
    students = {student["student"]: student for student in found["students"]}
    assert students["ada"]["points"] == 10
    assert students["gus"]["points"] is None
    assert students["bob"]["marks"][0]["result"]["checks"][0]["diagnosis"][0]["variant"] == "unchanged"


def test_the_page_counts_who_holds_which_misconception(work: Class) -> None:
    page = class_page(work.marks())
    card = page[page.index('class="misconception"') :].partition("</div>\n\n")[0]
    assert re.search(r'class="count">2 <small>students', card)
    assert "The number is returned as it is." in card
    targets = re.findall(r'href="#([^"]+)"', page)
    assert targets
    assert set(targets) <= set(re.findall(r'id="([^"]+)"', page))


def test_what_students_wrote_is_never_markup(work: Class) -> None:
    page = class_page(work.marks())
    assert page.count("<script") == 1  # the page's own
    assert "<b>eve" not in page
    assert "&lt;b&gt;eve" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)  # and it needs no other file


@pytest.mark.usefixtures("jobs_in_this_process")
def test_only_what_changed_is_graded_again(tmp_path: Path) -> None:
    work = Class(tmp_path, {"ada.py": RIGHT, "bob.py": UNCHANGED, "hal.py": "def double(number):\n    return 777\n"})
    first = work.grade()
    assert (sorted(first.graded), list(first.broken)) == (["ada", "bob"], ["hal"])
    work.flag.touch()
    write_files(work.folder, {"bob.py": RIGHT})
    second = work.grade()
    assert (sorted(second.graded), second.unchanged, second.broken) == (["bob", "hal"], ["ada"], {})
    assert work.points() == {"ada": 10.0, "bob": 10.0, "hal": 0.0}
    assert sorted(work.grade(seed=1).graded) == ["ada", "bob", "hal"]
    hidden = work.course.root / "reference/numbers/double/test_hidden.py"
    hidden.write_text(hidden.read_text().replace("-3", "-5"))
    assert sorted(work.grade(seed=1).graded) == ["ada", "bob", "hal"]
    assert work.grade(seed=1).unchanged == ["ada", "bob", "hal"]
    assert sorted(work.grade(seed=1, regrade=True).graded) == ["ada", "bob", "hal"]


@pytest.mark.usefixtures("jobs_in_this_process")
def test_a_changed_helper_is_graded_again_and_a_corrected_title_is_not(tmp_path: Path) -> None:
    work = Class(tmp_path, {"ada.py": RIGHT})
    root = work.course.root
    hidden, rubric = root / "reference/numbers/double/test_hidden.py", root / "rubrics/numbers.toml"
    hidden.write_text("from exercises._shared._number import NUMBER\n" + hidden.read_text().replace("-3", "NUMBER"))
    write_files(root, {"exercises/_shared/_number.py": "NUMBER = -3\n"})
    assert work.grade().graded == ["ada"]
    rubric.write_text(rubric.read_text().replace("Negative numbers", "Numbers below zero"))
    assert work.grade().unchanged == ["ada"]
    write_files(root, {"exercises/_shared/_number.py": "NUMBER = -4\n"})
    assert work.grade().graded == ["ada"]


# --- the command ------------------------------------------------------------------------------------------------


def test_the_command_grades_and_exports(tmp_path: Path, command: Command, isolation: Isolation) -> None:
    course = make_course(tmp_path / "course")
    write_files(tmp_path / "handins", {"ada.py": RIGHT, "bob.py": UNCHANGED})
    batch = [GRADE, "batch", "../handins", "--gradebook", "class.sqlite", "--jobs", "1", "--isolation", isolation.value]
    done = subprocess.run(batch, cwd=course, capture_output=True, text=True, check=False)
    assert (done.returncode, sorted(line[-3:] for line in done.stderr.splitlines())) == (0, ["ada", "bob"])
    assert "Hand-ins: 2 graded." in done.stdout
    exported = command.run("export", "--gradebook", "class.sqlite", cwd=course)
    assert exported.stdout.splitlines()[2:] == ["ada,ada,10,10,0,10,0,", "bob,bob,0,0,0,0,0,"]
    page = ["--format", "html", "-o", "class.html"]
    written = command.run("export", "--gradebook", "class.sqlite", *page, cwd=course)
    assert (written.returncode, written.stdout) == (0, "")
    assert (course / "class.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["batch", "nowhere", "--gradebook", "class.sqlite"], "nowhere cannot be read"),
        (["batch", ".", "--gradebook", "no/class.sqlite"], "there is no folder no"),
        (["batch", ".", "nothing", "--gradebook", "class.sqlite"], "No lesson or exercise is called `nothing`"),
        (["export", "--gradebook", "class.sqlite"], "There is no gradebook class.sqlite"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, command: Command, arguments: list[str], said: str) -> None:
    done = command.run(*arguments, cwd=make_course(tmp_path))
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "class.sqlite").exists()


# --- downloads of platforms --------------------------------------------------------------------------------------

CANVAS = {
    "alphaada_1001_50001_double.py": RIGHT,
    "betabo_LATE_1002_50002_double-1.py": UNCHANGED,
    "deltadee_1004_50004_work.rar": "",
}
ROSTER = "Student,ID,Section\n" + "".join(
    f'"{name}",{user},1\n'
    for name, user in [("Alpha, Ada", 1001), ("Beta, Bo", 1002), ("Delta, Dee", 1004), ("Eta, Eli", 1007)]
)


class Desk:
    """`grade batch` and `grade export`, as often as one likes, beside a folder `download`."""

    def __init__(self, root: Path, command: Command, isolation: Isolation) -> None:
        self._isolation = isolation
        self.course = make_course(root / "course")
        self.root = root
        self._command = command

    def batch(self, files: dict[str, str] | None = None, *options: str, roster: str = "") -> Said:
        if files is not None:
            shutil.rmtree(self.root / "download", ignore_errors=True)
            write_files(self.root / "download", files)
        if roster:
            write_files(self.root, {"roster.csv": roster})
            options = (*options, "--roster", "../roster.csv")
        return self._command.run(
            *("batch", "../download", "--gradebook", "class.sqlite", "--jobs", "1"),
            *("--isolation", self._isolation.value, *options),
            cwd=self.course,
        )

    def marks(self, *options: str) -> dict[str, list[str]]:
        """Return name, total and message of every row of the export by key."""
        done = self._command.run("export", "--gradebook", "class.sqlite", *options, cwd=self.course)
        self.said = done.stderr
        rows = list(csv.DictReader(io.StringIO(done.stdout)))[1:]
        return {row["student"]: [row["name"], row["total"], row["message"]] for row in rows}


@pytest.fixture
def desk(tmp_path: Path, command: Command, isolation: Isolation, jobs_in_this_process: None) -> Desk:  # noqa: ARG001
    return Desk(tmp_path, command, isolation)


def test_a_download_is_recognised_and_ends_with_what_could_not_be_read(desk: Desk) -> None:
    done = desk.batch(CANVAS, roster=ROSTER)
    assert done.returncode == 1
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[:2] == [
        "Read as a download from Canvas.",
        "Hand-ins: 2 graded, 1 could not be graded, 1 handed in nothing.",
    ]
    assert lines[2] == "Handed in nothing: Eta, Eli (1007)."
    assert lines[3].startswith(
        "  Delta, Dee (1004)  Delta, Dee (1004) contains no .py file or notebook, only `work.rar`"
    )
    assert lines[-1].startswith("Next: ")


def test_an_export_holds_back_what_could_not_be_read_and_says_so(desk: Desk) -> None:
    desk.batch(CANVAS, roster=ROSTER)
    only = (
        "Delta, Dee (1004) contains no .py file or notebook, only `work.rar`, which is not an archive: hand in the .py file "
        "or the notebook itself, or a zip archive of your files."
    )
    assert desk.marks() == {
        "1001": ["Alpha, Ada", "10", ""],
        "1002": ["Beta, Bo", "0", ""],
        "1004": ["Delta, Dee", "", only],
        "1007": ["Eta, Eli", "0", "Nothing was handed in."],
    }
    assert desk.said == (
        "grade: 1 could not be read, and their marks are held back (empty): Delta, Dee (1004).\n"
        "grade: 1 handed in nothing, and count as 0: Eta, Eli (1007).\n"
    )
    other = desk.marks("--unreadable", "zero", "--absent", "hold")
    assert [other[key][1] for key in ("1004", "1007")] == ["0", ""]
    assert "1 could not be read, and count as 0: Delta, Dee (1004)." in desk.said
    assert "1 handed in nothing, and their marks are held back (empty): Eta, Eli (1007)." in desk.said


def test_what_cannot_be_decided_holds_back_its_exercise_alone(desk: Desk) -> None:
    shutil.rmtree(desk.course)
    make_course(desk.course, ["numbers/double", "numbers/twofold"])
    twofold = RIGHT.replace("double", "twofold")
    wrong = "def twofold(number): return 3 * number"
    done = desk.batch(
        {
            "ada/double.py": RIGHT, "ada/one/twofold.py": twofold, "ada/two/twofold.py": wrong,
            "bo/one/twofold.py": twofold, "bo/two/twofold.py": wrong,
            "cy/double.py": RIGHT, "cy/twofold.py": "# \N{CURRENCY SIGN}\n" + twofold,
            "di/double.py": RIGHT, "di/twofold.py": "def twofold(number) return 2 * number",
            "ed/double.py": RIGHT, "ed/more.rar": "Rar!\x1a\x07",
        }
    )  # fmt: skip
    (desk.root / "download/cy/twofold.py").write_bytes(f"# \N{EURO SIGN}\n{twofold}".encode("cp1252"))
    done = desk.batch()
    assert done.returncode == 1
    twice = "`twofold` is defined in one/twofold.py and in two/twofold.py: keep one."
    marks = desk.marks()
    assert {student: total for student, (_, total, _) in marks.items()} == {
        "ada": "", "bo": "", "cy": "20", "di": "10", "ed": "",
    }  # fmt: skip
    assert marks["ada"][2] == f"twofold: {twice}"
    assert marks["bo"][2] == twice
    assert marks["cy"][2].startswith(
        "twofold: Attempt 2 does not count, because it could not be graded: twofold.py is not UTF-8"
    )
    assert "more.rar" in marks["ed"][2]
    assert "1 could not be read, and their marks are held back (empty): bo." in desk.said
    assert "2 could not be read in part, and their marks are held back (empty): ada, ed." in desk.said
    assert "1 handed in something later that could not be read, so an earlier attempt counts: cy." in desk.said
    page = desk._command.run("export", "--gradebook", "class.sqlite", "--format", "html", cwd=desk.course).stdout
    assert "Of 3 students something could not be read, and those marks are open." in page
    assert "The grader broke" not in page
    counted = desk.marks("--unreadable", "zero")
    assert {student: total for student, (_, total, _) in counted.items()} == {
        "ada": "10", "bo": "0", "cy": "20", "di": "10", "ed": "10",
    }  # fmt: skip


def test_lateness_is_kept_and_changes_no_mark_without_a_policy(desk: Desk) -> None:
    desk.batch(CANVAS)
    exported = json.loads(
        desk._command.run("export", "--gradebook", "class.sqlite", "--format", "json", cwd=desk.course).stdout
    )
    late = {
        student["student"]: (student["attempts"][0]["late"], student["penalty"]) for student in exported["students"]
    }
    assert late == {"1001": (False, 0), "1002": (True, 0), "1004": (False, 0)}


def test_the_same_work_downloaded_again_is_not_graded_again(desk: Desk) -> None:
    desk.batch(CANVAS)
    later = {name.replace("_500", "_600"): text for name, text in CANVAS.items()}
    assert "Hand-ins: 0 graded, 2 unchanged since they were graded, 1 could not" in desk.batch(later).stdout
    assert len(desk.marks()) == 3


def test_a_later_hand_in_that_cannot_be_read_takes_nothing_away(desk: Desk) -> None:
    desk.batch(CANVAS)
    done = desk.batch(
        {"alphaada_1001_50009_double.7z": "", "betabo_1002_50002_double.py": UNCHANGED}, "--from", "canvas"
    )
    assert done.returncode == 1
    name, total, message = desk.marks()["1001"]
    assert (name, total) == ("alphaada", "10")
    assert "Attempt 2 does not count, because it could not be graded" in message
    assert "only `double.7z`, which is not an archive" in message
    desk.batch(CANVAS)
    assert desk.marks()["1001"] == ["alphaada", "10", ""]


def test_a_resubmission_of_another_exercise_takes_nothing_away(desk: Desk) -> None:
    shutil.rmtree(desk.course)
    make_course(desk.course, ["numbers/double", "numbers/twofold"])
    desk.batch({"ada/double.py": RIGHT})
    assert desk.marks()["ada"][1] == "10"
    desk.batch({"ada/twofold.py": RIGHT.replace("double", "twofold")})
    assert desk.marks()["ada"][1] == "20"


def test_a_worse_resubmission_counts_by_default_and_not_where_the_best_attempt_does(desk: Desk) -> None:
    desk.batch({"ada.py": RIGHT})
    done = desk.batch({"ada.py": UNCHANGED})
    assert "Marks that changed since the last run: 1 (0 went up, 1 down or open)." in done.stdout
    assert re.search(r"ada +double +10 -> 0 +attempt 2 counts instead of attempt 1\.", done.stdout)
    assert desk.marks()["ada"][1] == "0"
    write_files(
        desk.course,
        {"rubrics/policy.toml": 'schema = "grader.policy/1"\ntime_zone = "UTC"\nattempt = "best"\n'},
    )
    assert desk.marks()["ada"][1] == "10"


def test_a_name_in_the_policy_that_nobody_has_is_said(desk: Desk) -> None:
    extension = '[[extensions]]\nstudents = ["adda"]\nhours = 24\n'
    policy = f'schema = "grader.policy/1"\ntime_zone = "UTC"\n[defaults]\ndue = 2026-11-20T12:00:00\n{extension}'
    write_files(desk.course, {"rubrics/policy.toml": policy})
    said = " ".join(desk.batch({"ada.py": RIGHT}).stdout.split())
    assert "rubrics/policy.toml names a student `adda` whom nobody knows: did you mean" in said
    write_files(desk.course, {"rubrics/policy.toml": policy.replace("adda", "ada")})
    assert "nobody knows" not in desk.batch().stdout


def test_who_leaves_the_roster_leaves_the_class_and_keeps_the_marks(desk: Desk) -> None:
    desk.batch(CANVAS, roster=ROSTER)
    later = {name: text for name, text in CANVAS.items() if "_1002_" not in name}
    done = desk.batch(later, roster="\n".join(line for line in ROSTER.splitlines() if "1002" not in line))
    assert "Not on the roster any more, so left out from now on: Beta, Bo (1002)." in done.stdout
    assert "1002" not in desk.marks()
    assert "1 left the class and are left out: Beta, Bo (1002)." in desk.said
    assert "On the roster again: Beta, Bo (1002)." in desk.batch(later, roster=ROSTER).stdout
    assert desk.marks()["1002"][1] == "0"


def test_a_check_that_was_mended_regrades_whom_it_concerns_and_says_who_gained(desk: Desk) -> None:
    hidden = desk.course / "reference/numbers/double/test_hidden.py"
    right = hidden.read_text()
    hidden.write_text(right.replace("reference.double(-3)", "-7"))
    assert hidden.read_text() != right
    desk.batch({"ada.py": RIGHT, "bo.py": UNCHANGED})
    assert desk.marks()["ada"][1] == "4"
    hidden.write_text(right)
    done = desk.batch()
    assert re.search(r"ada +double +4 -> 10 +the checks changed\.", done.stdout)
    assert "bo " not in done.stdout.partition("Marks that changed")[2]


def test_a_group_is_graded_once_and_counts_for_each_member(desk: Desk) -> None:
    roster = "id,name,group\n1001,Ada,Team Blue\n1002,Bo,Team Blue\n1003,Cem,\n"
    done = desk.batch({"teamblue_1001_50021_double.py": RIGHT}, roster=roster)
    assert "Hand-ins: 1 graded, 1 handed in nothing." in done.stdout
    assert {key: row[:2] for key, row in desk.marks().items()} == {
        "1001": ["Ada", "10"], "1002": ["Bo", "10"], "1003": ["Cem", "0"],
    }  # fmt: skip


def test_whose_a_handin_is_and_nobody_can_tell_is_in_no_row(desk: Desk) -> None:
    done = desk.batch({"alphaada_1001_50001_double.py": RIGHT, "team_7_1004_50022_double.py": RIGHT})
    assert done.returncode == 1
    assert "can be of user 7 or 1004" in done.stdout
    assert list(desk.marks()) == ["1001"]


def test_participants_of_another_assignment_are_refused(desk: Desk) -> None:
    desk.batch({"Ada Alpha_4101_assignsubmission_file/double.py": RIGHT})
    assert desk.batch({"Alpha, Ada_4101_assignsubmission_file/double.py": RIGHT}).returncode == 0
    done = desk.batch({"Bo Beta_4101_assignsubmission_file/double.py": RIGHT})
    assert done.returncode == 2
    assert "4101 is Alpha, Ada in class.sqlite and Bo Beta in this download" in done.stderr


def test_a_pattern_tells_files_apart(desk: Desk) -> None:
    done = desk.batch(
        {"x+ada+double.py": RIGHT, "x+bo+double.py": UNCHANGED}, "--names", r"x\+(?P<student>\w+)\+(?P<file>.*)"
    )
    assert done.returncode == 0
    assert {key: row[1] for key, row in desk.marks().items()} == {"ada": "10", "bo": "0"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--names", "("], "--names is not a regular expression"),
        (["--names", "(?P<student>.)", "--from", "canvas"], "leave out --from canvas"),
        (["--from", "gradescope"], "contains no submission_metadata.yml"),
        (["--from", "moodle"], "contains nothing that is named as Moodle names hand-ins"),
        (["--roster", "none.csv"], "none.csv cannot be read"),
    ],
    ids=["pattern", "pattern and platform", "Gradescope", "Moodle", "roster"],
)
def test_a_bad_option_of_batch_is_one_sentence(desk: Desk, options: list[str], said: str) -> None:
    done = desk.batch({"ada.py": RIGHT}, *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert not (desk.course / "class.sqlite").exists()


def test_the_page_counts_those_who_have_a_mark(desk: Desk) -> None:
    desk.batch(CANVAS, roster=ROSTER)
    page = class_page(
        read_class(find_course(desk.course), desk.course / "class.sqlite", Undecided(Counted.HOLD, Counted.HOLD))
    )
    assert "Mean 5 of 10 points; 1 of 2 have all of them." in page
    assert "Without a total yet, and not in the distribution: 2 students." in page


def contents(path: Path) -> list[tuple[object, ...]]:
    """Return all that a gradebook says, except for when and how long."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT student, number, handin, sha256, problem, lesson, exercise, made_of, outcome, points, code, result "
            "FROM attempts JOIN results ON attempt_id = attempts.id"
        )
        plain = [(*row[:-1], re.sub(r'"seconds": ?[-\d.e]+', "", row[-1])) for row in rows]
        return sorted([*plain, *database.execute("SELECT * FROM students")], key=str)


def stored(path: Path) -> int:
    """Return how many results a gradebook holds that another process is writing."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as database:
        try:
            return int(database.execute("SELECT count(*) FROM results").fetchone()[0])
        except sqlite3.OperationalError:  # it is just being made
            return 0


# The command, which is killed as soon as it has stored two verdicts.
KILLED = """
import os, signal
from contextlib import contextmanager
from grader.cli.main import run
from grader.classroom import batch

stored = []

def finished(student):
    stored.append(student)
    if len(stored) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

@contextmanager
def progress(*_, **__):
    yield finished

batch.progress = progress
run()
"""


@pytest.fixture
def interrupted(tmp_path: Path) -> Path:
    """Return a course, beside the hand-ins of a class."""
    write_files(tmp_path / "handins", {f"student{i:02}.py": (RIGHT, UNCHANGED)[i % 2] for i in range(4)})
    return make_course(tmp_path / "course")


@pytest.mark.usefixtures("jobs_in_this_process")
def test_a_killed_run_goes_on_to_the_same_gradebook(interrupted: Path, command: Command, isolation: Isolation) -> None:
    # With a seed: each gradebook would draw its own.
    batch = ["batch", "../handins", "--jobs", "1", "--seed", "1", "--isolation", isolation.value, "--gradebook"]
    killed = subprocess.run([sys.executable, "-c", KILLED, *batch, "killed.sqlite"], cwd=interrupted, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert stored(interrupted / "killed.sqlite") == 2
    assert "2 graded, 2 unchanged" in command.run(*batch, "killed.sqlite", cwd=interrupted).stdout
    assert "4 graded" in command.run(*batch, "whole.sqlite", cwd=interrupted).stdout
    assert contents(interrupted / "killed.sqlite") == contents(interrupted / "whole.sqlite")


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(interrupted: Path) -> None:
    def begin(gradebook: str) -> subprocess.Popen[bytes]:
        command = [GRADE, "batch", "../handins", "--gradebook", gradebook, "--jobs", "1", "--seed", "1"]
        return subprocess.Popen(command, cwd=interrupted, stdout=subprocess.DEVNULL, start_new_session=True)

    write_files(
        interrupted.parent / "handins",
        {f"more{i:03}.py": f"{(RIGHT, UNCHANGED)[i % 2]}\nNUMBER = {i}\n" for i in range(200)},
    )
    assert begin("whole.sqlite").wait() == 0
    rng, killed = random.Random(0), interrupted / "killed.sqlite"
    for kills in range(20):
        before = stored(killed)
        with begin("killed.sqlite") as process:
            if kills % 2:  # while verdicts come in, the others wherever they are by then
                wait_until(lambda before=before: stored(killed) > before, "no verdict came")
            time.sleep(rng.uniform(0, 0.3 if kills % 2 else 2))
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
    assert begin("killed.sqlite").wait() == 0
    assert contents(killed) == contents(interrupted / "whole.sqlite")
