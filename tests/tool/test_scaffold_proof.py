"""`grade verify` proves of a solution's marks that blanks are somebody's work: left or trivially filled, they earn 0."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from grader.authoring.verify import FAST, Depth, verify
from grader.course.finding import find_course
from grader.grading import Grader
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer

SOLUTION = '''def double(number):
    """Return it."""
    # step: Go one further.
    # blank: result = ____
    result = number + 1
    # step: Double that, and go back.
    # blank: return ____ - 2
    return 2 * result - 2
'''
SHOWS_ALL = '''def double(number):
    """Return it."""
    # step: Note the number.
    # blank: noted = ____
    noted = [number, number]
    # step: Double it.
    return 2 * number if noted is not number else 2 * number
'''
UNCHANGED = '''from grader.checks import assert_equal


def test_double_of_two(submission):
    """Twice two is four."""
    assert_equal(submission.double(2), 4, "Twice two is four.")


def test_takes_a_number(submission):
    """The number is taken."""
    submission.double(3)
'''
RUBRIC = """schema = "grader.rubric/1"
title = "Doubling"
points = 10

[exercises.double]
points = 10

[[exercises.double.criteria]]
title = "Small numbers"
points = 3
visibility = "public"
checks = ["test_double_of_two"]

[[exercises.double.criteria]]
title = "Takes it"
points = 1
visibility = "public"
checks = ["test_takes_a_number"]

[[exercises.double.criteria]]
title = "Negative numbers"
points = 6
visibility = "hidden"
checks = ["test_double_of_minus_three"]
"""
FORGETS = '''"""It raises.

It is not there.
"""

CAUGHT_BY = "test_takes_a_number"


def double(number):
    """Raise."""
    raise KeyError(number)
'''


def findings(folder: Path, server: ForkServer, solution: str, depth: Depth, **others: str) -> list[str]:
    changes = {"reference/numbers/double/solution.py": solution} | others
    course = find_course(make_course(folder / "course", changes=changes))
    return verify(Grader(course, server, diagnosis_seconds=math.inf), course.exercises[0], depth).findings


def test_nothing_is_found_where_blanks_are_work(tmp_path: Path, server: ForkServer) -> None:
    assert findings(tmp_path, server, SOLUTION, Depth(scaffold=True)) == []


def test_a_scaffold_that_shows_everything_earns_without_understanding(tmp_path: Path, server: ForkServer) -> None:
    found = findings(tmp_path, server, SHOWS_ALL, Depth(scaffold=True))
    assert 'With None in every blank, the guided stub earns 10 points ("Small numbers", "Negative numbers")' in found[0]
    assert any(
        each.startswith("With None in `noted = ____` and all else right, the guided stub passes") for each in found
    )


@pytest.mark.parametrize("beside_others", [False, True])
def test_points_for_no_effect_alone_are_found(tmp_path: Path, server: ForkServer, beside_others: bool) -> None:
    rubric = RUBRIC.replace('title = "Takes it"', f'title = "Takes it"\nbeside_others = {str(beside_others).lower()}')
    others = {
        "exercises/numbers/checks/test_double.py": UNCHANGED,
        "rubrics/numbers.toml": rubric,
        "reference/numbers/double/wrong/forgets.py": FORGETS,
    }
    found = findings(tmp_path, server, SOLUTION, Depth(scaffold=True), **others)
    said = [each for each in found if each.startswith("With 0 in every blank, the guided stub earns 1 points")]
    assert len(said) == (not beside_others), found
    assert (found == []) is beside_others


def test_marks_that_cannot_be_used_and_blanks_given_away_are_found_at_once(tmp_path: Path, server: ForkServer) -> None:
    assert findings(tmp_path, server, SOLUTION.replace("# step:", "# Steps:"), FAST) == [
        "solution.py, line 3: `# Steps: Go one further.` is not a mark. Write `# step: WORDS` or `# blank: CODE`.",
        "solution.py, line 6: `# Steps: Double that, and go back.` is not a mark. Write `# step: WORDS` or `# blank: CODE`.",
        "solution.py says no steps of `double`: write `# step: WORDS` above what is done.",
    ]
    page = {"exercises/numbers/README.md": "# Numbers\n\nTake `2 * result`, not `number+100 - 99`.\n"}
    longer = SOLUTION.replace("number + 1", "number + 100 - 99")
    assert findings(tmp_path / "other", server, longer, FAST, **page) == [
        "exercises/numbers/README.md gives a blank away, `number + 100 - 99`: hide it there too, or choose another blank."
    ]
