"""Blanks of a stub that are left: they are counted and named by line, earn nothing, and are nobody's wrong answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.ci.pull_request import _written
from grader.course.blanks import asked, left
from grader.course.finding import find_course
from grader.course.syntax import is_unwritten_text
from grader.report.failures import left_to_fill_in, unwritten
from grader.results import Outcome
from grader.sandbox.outside.reader import read_handed_in_texts
from grader.sandbox.reading import model_data
from grader.submission.model import Source
from helpers.cells import file_of, notebook_of
from helpers.course_factory import make_course
from helpers.doubling import DOUBLE, exercise_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GUIDED = '''def double(number):
    """Return twice `number`.

    Fill in the 2 blanks, written as ____.
    """
    first = ____
    return first + ____
'''
BEGUN = GUIDED.replace("first = ____", "first = number")
DONE = BEGUN.replace("+ ____", "+ number")
WITH_A_HELPER = '''def double(number):
    """Return twice `number`.

    Fill in the blank, written as ____.
    """
    return _twice(____)


def _twice(number):
    return ____ * number
'''


def messages(result: object) -> set[str]:
    return {check.message for check in result.checks}  # type: ignore[attr-defined]


def source(submission: object) -> Source:
    found = submission.source_of(DOUBLE)  # type: ignore[attr-defined]
    assert isinstance(found, Source)
    return found


def test_a_stub_of_which_nothing_is_filled_in_is_not_written_yet(graded: Callable) -> None:
    result = graded(GUIDED)
    assert (result.outcome, result.points) == (Outcome.FAILED, 0)
    assert messages(result) == {"2 blanks are left in work.py: lines 6 and 7.\n`double` is not written yet."}
    assert unwritten(result)
    assert left_to_fill_in(result) == "2 blanks are left in work.py: lines 6 and 7."


def test_what_is_left_is_said_by_line_and_earns_nothing(graded: Callable) -> None:
    result = graded(BEGUN)
    assert (result.outcome, result.points) == (Outcome.FAILED, 0)
    assert messages(result) == {"1 blank is left in work.py: line 7."}
    assert not unwritten(result)
    assert left_to_fill_in(result) == ""


@pytest.mark.parametrize("source", [DONE, "def double(number):\n    return 2 * number\n"])
def test_the_scaffold_filled_in_and_a_function_written_anew_get_all_points(graded: Callable, source: str) -> None:
    assert graded(source).points == 10


@pytest.mark.parametrize(
    "own",
    [
        "def double(number):\n    ____ = number\n    return ____ + ____\n",
        "def double(____):\n    return 2 * ____\n",
        "def double(number):\n    return sum(number for ____ in range(2) if ____ >= 0)\n",
        "____ = 2\n\n\ndef double(number):\n    return ____ * number\n",
    ],
)
def test_a_variable_of_that_name_is_not_a_blank(graded: Callable, own: str) -> None:
    assert graded(own).points == 10


def test_a_blank_that_no_call_reaches_earns_nothing_either(graded: Callable) -> None:
    result = graded("def double(number):\n    if number > 10**9:\n        return ____\n    return 2 * number\n")
    assert (result.points, messages(result)) == (0, {"1 blank is left in work.py: line 3."})


def test_blanks_of_helpers_count(graded: Callable) -> None:
    assert messages(graded(WITH_A_HELPER.replace("_twice(____)", "_twice(number)"))) == {
        "1 blank is left in work.py: line 10."
    }


def test_blanks_of_other_functions_of_the_file_do_not(graded: Callable) -> None:
    assert graded(f"{DONE}\n\ndef halve(number):\n    return number / ____\n").points == 10


def test_a_blank_that_was_carried_elsewhere_is_still_called_one(graded: Callable) -> None:
    [said] = messages(
        graded("class Twice:\n    by = lambda self, n: ____\n\n\ndef double(number):\n    return Twice().by(number)\n")
    )
    assert said == "1 blank is left in work.py: line 2."
    [said] = messages(
        graded(
            "import types\n\nkept = types.SimpleNamespace(by=lambda n: ____)\n\n\ndef double(number):\n    return kept.by(number)\n"
        )
    )
    assert said.startswith("`double` raised NameError: name '____' is not defined. Fill in this blank.")


def test_of_two_functions_the_one_that_is_written_is_called(tmp_path: Path) -> None:
    both = exercise_of("double", "triple")
    triple = GUIDED.replace("double", "triple")
    found = file_of(tmp_path, [DONE, triple]).source_of(both)
    assert isinstance(found, Source)
    assert list(found.unfilled) == ["triple"]


def test_a_notebook_names_cell_and_line(tmp_path: Path) -> None:
    cells = [
        "import math",
        f"%%exercise double\n{WITH_A_HELPER.partition('def _twice')[0]}",
        "def _twice(n): return ____",
    ]
    said = source(notebook_of(tmp_path, cells)).unfilled["double"]
    assert said == (
        "2 blanks are left in work.ipynb, cell 2: line 7, and in work.ipynb, cell 3: line 1.\n"
        "`double` is not written yet."
    )


def test_of_several_definitions_the_last_one_counts(tmp_path: Path) -> None:
    assert source(notebook_of(tmp_path, [GUIDED, DONE])).unfilled == {}
    assert source(file_of(tmp_path, [GUIDED, DONE])).unfilled == {}


def test_blanks_travel_with_the_submission(tmp_path: Path) -> None:
    read = file_of(tmp_path, [BEGUN])
    assert source(model_data.decode(model_data.encode(read))).unfilled == source(read).unfilled != {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GUIDED, True),
        (f"@once\n{GUIDED}", True),
        (WITH_A_HELPER, True),
        (BEGUN, False),
        (DONE, False),
        (GUIDED.replace("____.", "such."), False),
    ],
)
def test_only_a_stub_with_all_of_its_blanks_is_untouched(text: str, expected: bool) -> None:
    assert is_unwritten_text(text.encode()) is expected


def test_a_stub_with_all_of_its_blanks_gives_way_to_a_written_function(tmp_path: Path) -> None:
    (tmp_path / "double.py").write_text(GUIDED)
    submission = read_handed_in_texts("work", [("double.py", GUIDED.encode()), ("work.py", DONE.encode())])
    assert source(submission).modules == {"double": "work.py"}
    assert submission.is_written(DOUBLE)
    assert not read_handed_in_texts("work", [("double.py", GUIDED.encode())]).is_written(DOUBLE)


def test_a_pull_request_does_not_count_it_as_work(tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path / "course"))

    def written(text: str) -> set[str]:
        return _written(course, read_handed_in_texts("work", [("double.py", text.encode())]), [text.encode()])

    assert (written(GUIDED), written(BEGUN)) == (set(), {"double"})


def test_the_sentences() -> None:
    assert asked(1) == "Fill in the blank, written as ____."
    assert asked(3) == "Fill in the 3 blanks, written as ____."
    assert left([("a.py", 3), ("a.py", 3), ("a.py", 9), ("b.py", 1)]) == (
        "4 blanks are left in a.py: lines 3 and 9, and in b.py: line 1."
    )
