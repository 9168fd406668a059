"""Who hands in the folder that they work in hands in files of the course, too: none of these is their work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.submission.model import Source
from grader.submission.reading import read_texts
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.submission.model import Submission

pytestmark = pytest.mark.light

STUB = '"""Doubling a number."""\n\n\ndef double(number: int) -> int:\n    """Return twice `number`."""\n    raise NotImplementedError\n'
HELPER = "def double(number):\n    return 2 * number\n"
CHECKS = f'''{HELPER}

def test_double_of_two(submission):
    """Twice two is four."""
    assert submission.double(2) == double(2)
'''
OF_COURSE = {  # below `exercises/`, each of them with a right function
    "numbers/checks/_pipelines.py": HELPER,
    "numbers/checks/test_double.py": CHECKS,
    "numbers/_given.py": HELPER,
    "_shared/_training.py": HELPER,
    "_workbench.py": HELPER,
}
FORMS = {  # what of a path below `exercises/` is left, by what was handed in
    "the folder of the course": "exercises/{}",
    "the folder of exercises": "{}",
    "a folder in a folder": "ada/week 3/exercises/{}",
    "under another name": "homework/{}",
}


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    changes = {f"exercises/{path}": text for path, text in OF_COURSE.items()}
    return find_course(make_course(tmp_path_factory.mktemp("with") / "course", changes=changes)).exercises[0]


def handed_in(files: dict[str, str]) -> Submission:
    return read_texts("ada", [(path, text.encode()) for path, text in files.items()])


def home_of(submission: Submission, exercise: Exercise) -> str:
    source = submission.source_of(exercise)
    assert isinstance(source, Source), source.sentence
    return source.modules["double"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("extra", OF_COURSE)
def test_an_untouched_stub_is_not_written_whatever_lies_beside_it(exercise: Exercise, form: str, extra: str) -> None:
    submission = handed_in(
        {form.format(path): text for path, text in {"numbers/double.py": STUB, extra: OF_COURSE[extra]}.items()}
    )
    assert home_of(submission, exercise).endswith("double.py")
    assert not submission.is_written(exercise)


def test_so_it_is_in_the_folder_of_a_lesson(exercise: Exercise) -> None:
    files = {path.removeprefix("numbers/"): text for path, text in OF_COURSE.items() if path.startswith("numbers/")}
    submission = handed_in({"double.py": STUB, **files})
    assert (home_of(submission, exercise), submission.is_written(exercise)) == ("double.py", False)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_ones_own_function_is_the_one_that_counts(exercise: Exercise, form: str) -> None:
    mine = "def double(number):\n    return number + number\n"
    submission = handed_in({form.format(path): text for path, text in {"numbers/mine.py": mine, **OF_COURSE}.items()})
    assert home_of(submission, exercise).endswith("mine.py")
    assert submission.is_written(exercise)


def test_helpers_of_the_course_can_still_be_imported(exercise: Exercise) -> None:
    work = "from _shared._training import double as twice\n\n\ndef double(number):\n    return twice(number)\n"
    source = handed_in({"numbers/double.py": work, **OF_COURSE}).source_of(exercise)
    assert isinstance(source, Source)
    assert "_shared/_training.py" in source.files


@pytest.mark.parametrize("path", ["_mine.py", "numbers/_mine.py", "checks/mine.py", "_pipelines.py"])
def test_a_helper_that_the_course_does_not_have_is_somebodys_work(exercise: Exercise, path: str) -> None:
    submission = handed_in({path: HELPER, "more/other.py": "x = 1\n"})
    assert submission.is_written(exercise)


def test_a_name_that_is_too_long_for_a_disk_is_looked_for_nowhere(exercise: Exercise) -> None:
    submission = handed_in({"_" + "x" * 300 + ".py": HELPER, "double.py": HELPER})
    assert home_of(submission, exercise) == "double.py"


def test_a_file_of_the_course_alone_is_nobodys_work(exercise: Exercise) -> None:
    submission = handed_in({"numbers/checks/_pipelines.py": HELPER, "numbers/other.py": "x = 1\n"})
    problem = submission.source_of(exercise)
    assert "`double` was not found" in problem.sentence  # type: ignore[union-attr]


def test_no_exercise_of_this_course_is_written_by_its_own_files() -> None:
    root = Path(__file__).parents[2]
    course = find_course(root)
    files = sorted((root / "exercises").rglob("*.py"))
    submission = read_texts("work", [(path.relative_to(root).as_posix(), path.read_bytes()) for path in files])
    assert [exercise.key for exercise in course.in_code if submission.is_written(exercise)] == []
    homes = {exercise.key: submission.source_of(exercise) for exercise in course.in_code}
    others = {
        key: source
        for key, source in homes.items()
        if not isinstance(source, Source)
        or {f"{key}.py"} != {"/".join(path.split("/")[-2:]) for path in source.modules.values()}
    }
    assert others == {}
