"""A run over a class: what is graded again, what is made of it, and that nothing is lost when it is killed."""

from __future__ import annotations

import csv
import io
import json
import random
import re
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
from grader.classroom.export import ClassMarks, class_of
from grader.classroom.formats.csv import marks_csv, neutral
from grader.classroom.formats.json import marks_json
from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import find_class
from grader.classroom.platforms.download import opened
from grader.classroom.run import grade_class
from grader.course.finding import find_course
from grader.course.seeds import Seeds
from grader.jobs import Settings
from grader.results import Outcome
from grader.sandbox.outside.server import Isolation
from helpers.course_factory import make_course, write_files
from helpers.doubling import GOOD as RIGHT
from helpers.doubling import UNCHANGED
from helpers.marked_class import LIBRARIES
from helpers.patience import wait_until

if TYPE_CHECKING:
    from grader.classroom.run import Summary
    from grader.course.model import Course
    from helpers.command import Command

GRADE = str(Path(sys.executable).with_name("grade"))
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


# --- a run over a class -----------------------------------------------------------------------------------------


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


# --- runs that are killed --------------------------------------------------------------------------------------


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
