"""Answers in text as they are handed in: through platforms, in a class, in a pull request and in notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from grader.authoring.notebooks import built
from grader.ci.changes import sort_changes
from grader.ci.repository import Change
from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import find_class, read_handed_in
from grader.classroom.platforms.download import opened
from grader.classroom.run import grade_class
from grader.grading import Conditions
from grader.jobs import Done, Settings
from grader.results import ExerciseResult, Outcome
from grader.submission.answers import PLACEHOLDER
from grader.submission.model import Problem
from grader.submission.reading import read_submission, submission_of_cells
from helpers.answers import OWN, PAGE, Files, answers, course_to_answer, whole
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.model import Course, Exercise

pytestmark = pytest.mark.light


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return course_to_answer(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def double(course: Course) -> Exercise:
    return course.exercises[0]


# --- platforms ----------------------------------------------------------------------------------------------------------

METADATA = "submission_11:\n  :submitters:\n  - :name: Ada\n    :sid: 'a-1'\n"
LONG = f"{OWN}\n" * 500  # longer than what is looked at to tell what a file is
PLATFORMS: dict[str, tuple[str, Files]] = {
    "canvas": ("download", {"ada_1001_50001_double-1.py": GOOD, "ada_1001_50002_double-1.md": LONG}),
    "moodle": (
        "download",
        {"Ada_11_assignsubmission_file_/double.py": GOOD, "Ada_11_assignsubmission_file_/double.md": LONG},
    ),
    "moodle, files": (
        "download",
        {"Ada_11_assignsubmission_file_double.py": GOOD, "Ada_11_assignsubmission_file_double.md": LONG},
    ),
    "gradescope": (
        "download",
        {"submission_metadata.yml": METADATA, "submission_11/double.py": GOOD, "submission_11/double.md": LONG},
    ),
    "classroom50": ("hw-submissions", {"hw-ada/double.py": GOOD, "hw-ada/double.md": LONG, "hw-ada/README.md": PAGE}),
    "folders": ("download", {"ada/double.py": GOOD, "ada/double.md": LONG, "bo/double.py": GOOD}),
    "an archive": ("download", {"ada.zip": zipped({"ada/double.py": GOOD, "ada/double.md": LONG})}),
}


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize(("name", "files"), PLATFORMS.values(), ids=PLATFORMS)
def test_an_answer_comes_through_every_platform(
    tmp_path: Path, double: Exercise, form: str, name: str, files: Files
) -> None:
    where = write_files(tmp_path / name, dict(files)) if form == "folder" else tmp_path / f"{name}.zip"
    if form == "zip":
        where.write_bytes(zipped(files))
    with opened(where) as download:
        handin = find_class(download).handins[0]
        submission, remarks = read_handed_in(handin)
    assert not isinstance(submission, Problem)
    assert answers(submission, double) == [("double.md", LONG.strip())]
    assert not isinstance(submission.source_of(double), Problem)
    assert remarks == ()


def typed(page: str, **files: str) -> Files:
    made: Files = {f"Ada_11_assignsubmission_file_/{name}.py": text for name, text in files.items()}
    return made | {"Ada_11_assignsubmission_onlinetext_/onlinetext.html": page}


def test_an_answer_may_be_typed_into_a_platforms_text_field(tmp_path: Path, double: Exercise) -> None:
    files = typed(f"<p>Double</p><p>{OWN}</p><script>no</script>", double=GOOD)
    with opened(write_files(tmp_path / "download", dict(files))) as download:
        submission, [remark] = read_handed_in(find_class(download).handins[0])
    assert not isinstance(submission, Problem)
    assert answers(submission, double) == [("text_entry.md, line 1", OWN)]
    assert "counts only as an answer in text, to the exercise that its first line names" in remark


# --- a class --------------------------------------------------------------------------------------------------------------


def graded_names(tmp_path: Path, course: Course, files: Files) -> tuple[list[str], dict[str, str]]:
    """Return what of a class is graded, each with a result that it does not matter here; and the problems."""
    book = Gradebook.create(tmp_path / "class.sqlite", course.name, "none")
    asked: list[str] = []

    def run_tasks(_settings: Settings, _grade: object, tasks: Iterable[Any], _jobs: int) -> Any:
        for task in tasks:
            asked.extend(f"{task.submission.name}: {name}" for name in task.exercises)
            results = [ExerciseResult(*name.split("/"), 0.0, 10.0, Outcome.FAILED, (), ()) for name in task.exercises]
            yield Done(task, whole(*results), 0.1, "")

    where = write_files(tmp_path / "download", dict(files))
    names = tuple(exercise.key for exercise in course.exercises)
    with opened(where) as download:
        summary = grade_class(
            course,
            find_class(download).handins,
            book,
            Settings(course.root, names, *Conditions()),
            1,
            run_tasks=run_tasks,
        )
    book.close()
    return asked, summary.problems


def test_a_changed_answer_is_another_attempt_and_graded_again(tmp_path: Path, course: Course) -> None:
    files: Files = {"ada/double.py": GOOD, "ada/double.md": OWN}
    everything = ["ada: numbers/double", "ada: numbers/halve"]
    assert graded_names(tmp_path, course, files)[0] == everything
    assert graded_names(tmp_path, course, files)[0] == []
    assert graded_names(tmp_path, course, files | {"ada/double.md": "Better."})[0] == everything
    book = Gradebook.open(tmp_path / "class.sqlite")
    assert [len(record.attempts) for record in book.records()] == [2]
    book.close()


def test_a_hand_in_of_answers_alone_is_graded_and_says_what_is_missing(
    tmp_path: Path, course: Course, double: Exercise
) -> None:
    asked, problems = graded_names(
        tmp_path, course, {"ada/double.md": OWN, "bo/notes.md": "Nothing.", "cy/double.py": GOOD}
    )
    assert asked == ["ada: numbers/double", "ada: numbers/halve", "cy: numbers/double", "cy: numbers/halve"]
    assert list(problems) == ["bo"]
    submission = read_submission(tmp_path / "download/ada")
    problem = submission.source_of(double)
    assert isinstance(problem, Problem)
    assert problem.sentence.startswith("ada contains no .py file or notebook, only `double.md`, a text file:")
    assert not problem.undecided


@pytest.mark.parametrize(
    "more", [{"work.rar": b"Rar!\x1a\x07"}, {"work.dat": b"\x00"}], ids=["archive", "something else"]
)
def test_an_answer_does_not_decide_about_code_that_cannot_be_read(
    tmp_path: Path, course: Course, more: dict[str, bytes]
) -> None:
    asked, problems = graded_names(
        tmp_path, course, {"ada/double.md": OWN} | {f"ada/{name}": text for name, text in more.items()}
    )
    assert (asked, list(problems)) == ([], ["ada"])


# --- a pull request -------------------------------------------------------------------------------------------------------


def test_an_answer_is_work_in_a_pull_request_and_the_page_stays_protected(course: Course) -> None:
    paths = [
        "numbers/double.md",
        "numbers/Double.txt",
        "numbers/README.md",
        "numbers/checks/double.md",
        "numbers/notes.md",
    ]
    found = sort_changes(
        course, [Change("M", f"exercises/{path}", f"exercises/{path}", "100644", "0") for path in paths]
    )
    assert [change.path.removeprefix("exercises/") for change in found.work] == paths[:2]
    assert [change.path.removeprefix("exercises/") for change in found.protected] == paths[2:]


# --- notebooks ------------------------------------------------------------------------------------------------------------


def test_a_lesson_notebook_has_an_answer_cell_where_a_person_marks(
    course: Course, double: Exercise, tmp_path: Path
) -> None:
    made = nbformat.reads(built(course.lessons[0]), as_version=4)
    sources = [cell.source for cell in made.cells]
    at = next(number for number, source in enumerate(sources) if source.startswith("%%exercise double"))
    assert sources[at + 1] == f"### Your answer: double\n\n{PLACEHOLDER}"
    assert sum(PLACEHOLDER in source for source in sources) == 1
    (tmp_path / "a.ipynb").write_text(nbformat.writes(made))
    assert answers(read_submission(tmp_path / "a.ipynb"), double) == []
    made.cells[at + 1].source = made.cells[at + 1].source.replace(PLACEHOLDER, OWN)
    (tmp_path / "b.ipynb").write_text(nbformat.writes(made))
    assert answers(read_submission(tmp_path / "b.ipynb"), double) == [(f"b.ipynb, cell {at + 2}", OWN)]


def test_cells_that_are_graded_alone_say_when_text_is_read(double: Exercise) -> None:
    submission = submission_of_cells("the notebook", [("cell [1]", GOOD)])
    assert answers(submission, double) == []
    assert submission.unread_answers_to(double) == (
        "Cells of text are not looked at here: they are read when you hand in the notebook.",
    )
