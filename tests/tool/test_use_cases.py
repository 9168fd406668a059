"""What commands do, called as functions: no command line, no exit status, nothing printed."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.authoring.new import instructions, new_exercise
from grader.authoring.notebooks import State, build, path_of
from grader.course.finding import find_course
from grader.course.seeds import Seeds
from grader.desk.request import Request
from grader.errors import UsageError
from grader.grading import Conditions
from grader.results import Outcome
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.sandbox.outside.client import ForkServer

    from grader.course.model import Course
    from grader.sandbox.outside.server import Isolation

pytestmark = pytest.mark.light

RIGHT = "def double(number): return number * 2"
PAGE = {"exercises/numbers/README.md": "# Numbers\n\n## Twice\n\n[Double](double.py) it.\n"}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    write_files(tmp_path, {"right.py": RIGHT, "handins/ada.py": RIGHT, "handins/notes.txt": ""})
    return find_course(make_course(tmp_path / "course", changes=PAGE))


@pytest.fixture
def conditions(server: ForkServer, isolation: Isolation, monkeypatch: pytest.MonkeyPatch) -> Conditions:
    """Return strict conditions; whoever grades borrows the warm fork server."""

    @contextmanager
    def lent(*_: Any) -> Iterator[ForkServer]:
        yield server

    monkeypatch.setattr("grader.grading.ForkServer", lent)
    return Conditions(isolation)


@pytest.mark.torch
def test_work_is_graded(course: Course, conditions: Conditions, tmp_path: Path) -> None:
    from grader.desk.grading import grade_cold

    asked = Request(
        folder=str(course.root),
        exercises=("double",),
        submission=str(tmp_path / "right.py"),
        isolation=conditions.isolation,
    )
    verdict = grade_cold(course, asked)
    assert (verdict.outcome, verdict.points) == (Outcome.PASSED, 10)


@pytest.mark.torch
def test_stubs_in_place_are_graded_where_no_work_is_named(course: Course, conditions: Conditions) -> None:
    from grader.desk.grading import grade_cold

    asked = Request(folder=str(course.root), isolation=conditions.isolation)
    assert grade_cold(course, asked).outcome is Outcome.FAILED


@pytest.mark.torch
@pytest.mark.usefixtures("jobs_in_this_process")
def test_a_folder_of_hand_ins_is_graded(course: Course, isolation: Isolation, tmp_path: Path) -> None:
    from grader.classroom.batch import drawn, grade_download
    from grader.classroom.export import read_class
    from grader.classroom.gradebook import Gradebook
    from grader.report.output import Output

    gradebook = tmp_path / "class.sqlite"
    batch = grade_download(course, tmp_path / "handins", gradebook, Conditions(isolation), jobs=1)
    assert (batch.summary.graded, batch.ignored) == (["ada"], ["notes.txt"])
    [ada] = read_class(course, gradebook).students
    with closing(Gradebook.open(gradebook)) as book:
        drawn_with = {("numbers", "double"): Seeds(secret=book.secret).of("numbers/double")}
    assert ada.record.student == "ada"
    assert {key: mark.stored and mark.stored.result.seed for key, mark in ada.marks.items()} == drawn_with
    Output(tmp_path / "said").write(drawn(batch))
    assert "Hand-ins: 1 graded." in (tmp_path / "said").read_text()


def test_a_new_exercise_tells_its_author_what_to_fill_in(course: Course) -> None:
    said = instructions(course, "numbers/triple", new_exercise(course, "numbers/triple", "(n: int) -> int"))
    assert said.startswith("Fill in:\nexercises/numbers/triple.py:")
    assert said.endswith("Then: grade verify triple")


def test_a_notebook_is_built_once_and_again_when_it_is_stale(course: Course) -> None:
    [lesson] = course.lessons
    assert [build(lesson, check=True), build(lesson), build(lesson)] == [State.STALE, State.BUILT, State.UP_TO_DATE]
    path_of(lesson).write_text("{}")
    assert build(lesson, check=True) is State.STALE


def test_a_release_is_refused_before_anything_is_recorded(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.authoring import release

    monkeypatch.setattr(release, "record_stale", lambda *_: pytest.fail("recorded"))
    with pytest.raises(UsageError, match="is not a wheel of the grader"):
        release.release_course(course, tmp_path / "out", "course", wheel=Path("other.whl"))
