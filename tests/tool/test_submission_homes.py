"""One function in several files: the same one is chosen in every form of a hand-in, or all are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from grader.course.finding import find_course
from grader.submission.copies import original, without_copy_mark
from grader.submission.reading import stubs_in_place
from helpers.archives import zipped
from helpers.course_factory import make_course
from helpers.doubling import GOOD, OTHER, exercise_of
from helpers.forms import BROKEN, FORMS, SUM, Files, as_folder, graded, in_every_form, source
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.submission.model import Submission

pytestmark = pytest.mark.light

STUB = 'def double(number):\n    """Twice."""\n    raise NotImplementedError\n'


class Homes(NamedTuple):
    """Files, and which of them an exercise is graded with, or why it is not."""

    files: Files
    double: str
    halve: str = ""


HOMES = {
    "a file named like the exercise wins": Homes({"double.py": GOOD, "halve.py": OTHER + SUM}, "double.py", "halve.py"),
    "it wins in a folder": Homes({"week1/double.py": GOOD, "all.py": SUM}, "week1/double.py"),
    "it wins as a notebook": Homes({"double.ipynb": notebook(GOOD), "halve.py": OTHER + SUM}, "double.ipynb"),
    "it wins over a notebook": Homes({"double.py": GOOD, "lesson.ipynb": notebook(SUM)}, "double.py"),
    "it wins though another one is broken": Homes({"double.py": GOOD, "halve.py": BROKEN}, "double.py"),
    "it wins with an ending in capitals": Homes({"double.PY": GOOD, "halve.py": OTHER + SUM}, "double.PY"),
    "it wins with an added ending": Homes({"double.py.txt": GOOD, "halve.py": OTHER + SUM}, "double.py.txt"),
    "it wins as a copy": Homes({"double-1.py": GOOD, "halve-1.py": OTHER + SUM}, "double-1.py", "halve-1.py"),
    "it wins as a second version": Homes({"double_v2.py": GOOD, "all.py": SUM}, "double_v2.py"),
    "an old one gives way": Homes({"double.py": GOOD, "double_old.py": SUM}, "double.py"),
    "one in a folder for old ones gives way": Homes({"src/double.py": GOOD, "old/double.py": SUM}, "src/double.py"),
    "a backup gives way": Homes({"work.py": GOOD, "Backup/deep/work.py": SUM}, "work.py"),
    "an old one counts where it is all there is": Homes({"old/double.py": GOOD, "halve.py": OTHER}, "old/double.py"),
    "a folder whose name only begins so": Homes(
        {"older_students/work.py": GOOD, "x/work.py": SUM},
        "`double` is defined in older_students/work.py and in x/work.py: keep one.",
    ),
    "a helper alone counts": Homes({"halve.py": OTHER + GOOD}, "halve.py", "halve.py"),
    "an untouched stub gives way to a notebook": Homes({"double.py": STUB, "all.ipynb": notebook(GOOD)}, "all.ipynb"),
    "an untouched stub gives way to a file": Homes({"double.py": STUB, "all.py": GOOD}, "all.py"),
    "an untouched stub is not replaced by a helper": Homes({"double.py": STUB, "halve.py": OTHER + GOOD}, "double.py"),
    "a copy of a notebook": Homes({"hw1.ipynb": notebook(GOOD), "hw1-Copy1.ipynb": notebook(GOOD)}, "hw1.ipynb"),
    "a notebook with other text": Homes({"b.ipynb": notebook(GOOD), "a.ipynb": notebook("", GOOD)}, "a.ipynb"),
    "a copy by a browser": Homes({"work (1).py": GOOD, "work.py": GOOD}, "work.py"),
    "a copy by Windows": Homes({"work - Copy (2).py": GOOD, "work.py": GOOD}, "work.py"),
    "a copy of the exercise's file": Homes({"double copy.py": GOOD, "double.py": GOOD}, "double.py"),
    "a copy with other line ends": Homes({"work.py": GOOD.replace("\n", "\r\n"), "work (1).py": GOOD}, "work.py"),
    "a copy with blanks at the end": Homes({"work.py": GOOD, "x.py": GOOD.replace("\n", " \n") + "\n"}, "work.py"),
    "three copies": Homes({"c.py": GOOD, "b.py": GOOD, "deep/a.py": GOOD}, "b.py"),
    "a copy with an added ending": Homes({"double.py": GOOD, "double.py.txt": GOOD}, "double.py"),
    "a script exported from a notebook": Homes(
        {"hw.ipynb": notebook("import math", GOOD), "hw.py": f"# In[1]:\n\nimport math\n\n# In[2]:\n\n{GOOD}"}, "hw.py"
    ),
    "a script that was changed": Homes(
        {"hw.ipynb": notebook(GOOD), "hw.py": SUM}, "`double` is defined in hw.ipynb and in hw.py: keep one."
    ),
    "a script that defines it again": Homes(
        {"hw.ipynb": notebook(GOOD), "hw.py": GOOD + SUM}, "`double` is defined in hw.ipynb and in hw.py: keep one."
    ),
    "a copy that differs": Homes(
        {"work.py": GOOD, "work (1).py": SUM}, "`double` is defined in work (1).py and in work.py: keep one."
    ),
    "a copy of the exercise's file that differs": Homes(
        {"double.py": GOOD, "double (1).py": SUM}, "`double` is defined in double (1).py and in double.py: keep one."
    ),
    "a second version that differs": Homes(
        {"double.py": GOOD, "double_v2.py": SUM}, "`double` is defined in double.py and in double_v2.py: keep one."
    ),
    "an added ending that differs": Homes(
        {"double.py": GOOD, "double.py.txt": SUM}, "`double` is defined in double.py and in double.py.txt: keep one."
    ),
    "two notebooks that differ": Homes(
        {"a.ipynb": notebook(GOOD), "b.ipynb": notebook(SUM)}, "`double` is defined in a.ipynb and in b.ipynb: keep one."
    ),
    "a broken copy": Homes(
        {"double.py": GOOD, "double (1).py": BROKEN},
        "double (1).py has a syntax error on line 3 (invalid syntax): correct it.\n    x = = 1\n        ^",
    ),
    "copies beside helpers that differ": Homes(
        {
            "one/work.py": "from helper import x\n" + GOOD, "one/helper.py": "x = 1",
            "two/work.py": "from helper import x\n" + GOOD, "two/helper.py": "x = 2",
        },
        "`double` is defined in one/work.py and in two/work.py: keep one.",
    ),
    "copies with their helpers": Homes(
        {
            "old/work.py": "from helper import x\n" + GOOD, "old/helper.py": "x = 1",
            "new/work.py": "from helper import x\n" + GOOD, "new/helper.py": "x = 1",
        },
        "new/work.py",
    ),
    "an archive of the same": Homes({"work.py": GOOD, "hw.zip": zipped({"hw/work.py": GOOD})}, "work.py"),
    "an archive of something else": Homes(
        {"work.py": GOOD, "hw.zip": zipped({"hw/work.py": SUM})},
        "`double` is defined in hw.zip/hw/work.py and in work.py: keep one.",
    ),
    "the lesson's file of two of one name": Homes({"numbers/double.py": GOOD, "b/double.py": SUM}, "numbers/double.py"),
}  # fmt: skip


@pytest.fixture(scope="session")
def exercises(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Exercise]:
    """Return two exercises of one lesson that know of each other."""
    course = find_course(make_course(tmp_path_factory.mktemp("homes"), ["numbers/double", "numbers/halve"]))
    return {exercise.name: exercise for exercise in course.exercises}


@in_every_form
@pytest.mark.parametrize("case", HOMES.values(), ids=HOMES)
def test_one_file_is_chosen_or_all_are_named(
    tmp_path: Path, form: Callable[[Path, Files], Submission], case: Homes, exercises: Mapping[str, Exercise]
) -> None:
    submission = form(tmp_path, case.files)
    assert graded(submission, exercises["double"]) == case.double
    if case.halve:
        assert graded(submission, exercises["halve"]) == case.halve


def test_stubs_are_graded_alike_in_place_and_handed_in(tmp_path: Path) -> None:
    helper = "def merge_lora(number):\n    return 0\n"
    own = {
        "exercises/lora/merge_lora.py": GOOD.replace("double", "merge_lora"),
        "exercises/lora/compose_loras.py": helper + GOOD.replace("double", "compose_loras"),
    }
    course = find_course(make_course(tmp_path / "course", ["lora/merge_lora", "lora/compose_loras"], changes=own))
    files: Files = {path.removeprefix("exercises/"): text for path, text in own.items()}
    for exercise in course.exercises:
        for number, submission in enumerate(
            [stubs_in_place(course), *(form(tmp_path / f.__name__, files) for f in FORMS for form in [f])]
        ):
            called = f"lora/{exercise.name}.py" if number == 0 else f"{exercise.name}.py"
            assert graded(submission, exercise) == called


def test_a_function_with_a_file_of_its_own_is_graded_in_it(tmp_path: Path) -> None:
    both = exercise_of("double", "halve")
    found = source(as_folder(tmp_path, {"halve.py": OTHER, "a.py": GOOD + OTHER + "x = 1\n"}), both)
    assert found.modules == {"double": "a.py", "halve": "halve.py"}


@pytest.mark.parametrize(
    ("stem", "plain"),
    [
        ("work", "work"), ("work (1)", "work"), ("work(12)", "work"), ("work_(1)", "work"), ("work-1", "work"),
        ("work-Copy1", "work"), ("work - Copy", "work"), ("work - Copy (2)", "work"), ("work - Kopie", "work"),
        ("work copy", "work"), ("work copy 2", "work"), ("work 2", "work"), ("work (copy)", "work"),
        ("work (3rd copy)", "work"), ("Copy of work", "work"), ("Kopie von work", "work"), ("work-Copy1 (1)", "work"),
        ("work-3f0c1b9a-7f0e-4a57-9d55-0c6a2f2b7e10", "work"), ("ddim_2", "ddim_2"), ("copy", "copy"), ("(1)", "(1)"),
        ("step2", "step2"), ("work_v2", "work_v2"), ("copy of", "copy of"),
    ],
)  # fmt: skip
def test_the_mark_of_a_copy_is_taken_off(stem: str, plain: str) -> None:
    assert without_copy_mark(stem) == plain


@pytest.mark.parametrize(
    ("stem", "plain"),
    [("work_v2", "work"), ("work-final", "work"), ("work_final2 (1)", "work"), ("work_old", "work_old"), ("v2", "v2")],
)
def test_a_version_is_taken_off(stem: str, plain: str) -> None:
    assert original(stem) == plain
