"""A property that has passed is asked of the next submission without being drawn again, with the same verdict."""

from __future__ import annotations

import gc
import json
import math
import os
import sys
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis.core import StateForActualGivenExecution

from grader.course.finding import find_course
from grader.grading import Grader
from grader.plugin import replaying
from grader.plugin.course_imports import CourseFinder
from grader.plugin.judge import Judge
from grader.results import to_json
from grader.submission.reading import read_submission
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.sandbox.outside.server import ForkServer

COURSE = find_course(Path(__file__).parents[2])
PUBLIC = "exercises/numbers/checks/test_double.py"
PROPERTY = '''
import torch
from hypothesis import example, given, strategies
from grader.checks import assert_equal

@example(numbers=(5, 6))
@given(numbers=strategies.lists(strategies.integers(0, 1000), min_size=1))
def test_double_of_two(submission, numbers):
    """Numbers are doubled."""
    for number in numbers:
        assert_equal(submission.double(number), 2 * number, "Twice the number.")
    if isinstance(numbers, list):
        numbers.append(0)  # as a careless check might
'''
RIGHT = "def double(number):\n    return 2 * number\n"
WRONG = {
    "at once": "def double(number):\n    return number\n",
    "where numbers are large": "def double(number):\n    return 2 * number + (number > 500)\n",
    "by an exception": "def double(number):\n    return 1 // (number - 5) * 0 + 2 * number\n",
    "from the tenth call on": "calls = []\ndef double(number):\n    calls.append(number)\n    return 2 * number + (len(calls) > 9)\n",
    "every other time it is asked the same": "seen = set()\ndef double(number):\n    again = number in seen\n    seen.symmetric_difference_update({number})\n    return 2 * number + again\n",
    "and never comes back": "import os\ndef double(number):\n    if number > 500:\n        os._exit(3)\n    return 2 * number\n",
}


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    replaying._kept.clear()
    yield
    replaying._kept.clear()


def told(verdict: Any) -> Any:
    """Return a verdict, or the result of an exercise, as JSON, without the time it took."""
    found = json.loads(to_json(verdict))
    for exercise in found.get("exercises", [found]):
        for check in exercise["checks"]:
            del check["seconds"]
    return found


@pytest.mark.usefixtures("nothing_kept")
def test_a_property_that_has_passed_is_drawn_once(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: PROPERTY}))
    (tmp_path / "work.py").write_text(RIGHT)
    grader, work = Grader(course, server), read_submission(tmp_path / "work.py")
    first = told(grader.grade(work, course.exercises))
    monkeypatch.setattr(
        "hypothesis.core.StateForActualGivenExecution.run_engine", None
    )  # nothing is drawn from here on
    assert told(grader.grade(work, course.exercises)) == first
    assert first["points"] == 10
    with pytest.raises(AssertionError):
        assert told(grader.with_seed(1).grade(work, course.exercises)) == first  # which has other draws


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_submission_gets_the_same_verdict_after_others_have_passed(
    tmp_path: Path, server: ForkServer, how: str
) -> None:
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: PROPERTY}))
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG[how])
    grader = Grader(course, server, diagnosis_seconds=math.inf)
    right, wrong = read_submission(tmp_path / "right.py"), read_submission(tmp_path / "wrong.py")
    drawn = told(grader.grade(wrong, course.exercises))
    assert drawn["points"] < 10
    assert grader.grade(right, course.exercises).points == 10
    assert told(grader.grade(wrong, course.exercises)) == drawn
    assert grader.grade(right, course.exercises).points == 10


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("wrong", ["at once", "where numbers are large", "by an exception"])
def test_where_nobody_asks_for_a_smaller_example_a_kept_one_is_what_failed(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: PROPERTY}))
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG[wrong])
    grader, [exercise] = Grader(course, server), course.exercises
    right, work = (read_submission(tmp_path / f"{name}.py") for name in ("right", "wrong"))
    drawn = told(grader.grade_quickly(work, exercise))
    assert grader.grade_quickly(right, exercise).outcome == "passed"
    monkeypatch.setattr(StateForActualGivenExecution, "run_engine", None)
    assert told(grader.grade_quickly(work, exercise)) == drawn
    assert drawn["checks"][0]["outcome"] == "failed"


@pytest.mark.usefixtures("nothing_kept")
def test_a_failure_that_hypothesis_does_not_meet_again_stays_one(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: PROPERTY}))
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text("def double(number):\n    return 2 * number + (number == 123456)\n")
    grader = Grader(course, server, diagnosis_seconds=0)
    right, wrong = read_submission(tmp_path / "right.py"), read_submission(tmp_path / "wrong.py")
    assert grader.grade(right, course.exercises).points == 10
    [found] = [each for kept in replaying._kept.values() for each in kept.values()]
    found.examples.append({"numbers": [123456]})  # as if less were drawn now than before
    assert grader.grade(wrong, course.exercises).points == 6


@pytest.mark.usefixtures("nothing_kept")
def test_only_the_examples_that_were_drawn_last_are_kept(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: PROPERTY}))
    (tmp_path / "work.py").write_text(RIGHT)
    grader, work = Grader(course, server), read_submission(tmp_path / "work.py")
    for seed in range(3):
        assert grader.with_seed(seed).grade(work, course.exercises).points == 10
    assert [each.source[0] for kept in replaying._kept.values() for each in kept.values()] == [2]


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(
    "name", ["reverse_step", *(pytest.param(name, marks=pytest.mark.thorough) for name in ("box_mask", "restore_rows"))]
)
def test_variants_get_the_same_verdicts_drawn_and_replayed(server: ForkServer, name: str) -> None:
    (exercise,) = COURSE.select([name])
    assert exercise.solution is not None
    grader = Grader(COURSE, server, diagnosis_seconds=math.inf)
    variants = [read_submission(path) for path in (*exercise.wrong[:2], *exercise.accepted[:1])]
    drawn = [told(grader.grade(variant, [exercise])) for variant in variants[:2]]
    assert grader.grade(read_submission(exercise.solution), [exercise]).points == 10
    replayed = [told(grader.grade(variant, [exercise])) for variant in variants]
    assert replayed[:2] == drawn
    assert replayed[2]["points"] == 10


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(
    "exercise",
    [e for e in COURSE.exercises if not e.on_model and not e.is_questions],
    ids=lambda exercise: exercise.name,
)
def test_all_variants_get_the_same_verdicts_drawn_and_replayed(server: ForkServer, exercise: Any) -> None:
    grader = Grader(COURSE, server, diagnosis_seconds=math.inf)
    variants = [read_submission(path) for path in (*exercise.wrong, *exercise.accepted)]

    def verdict(variant: Any) -> Any:
        replaying._kept.clear()
        return told(grader.grade(variant, [exercise]))

    drawn = [verdict(variant) for variant in variants]
    grader.grade(read_submission(exercise.solution), [exercise])
    assert [told(grader.grade(variant, [exercise])) for variant in variants] == drawn


# --- copies ------------------------------------------------------------------------------------------------------


def test_copied_tensors_share_memory_keep_strides_and_have_gradients() -> None:
    parameter = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
    parameter.grad = torch.ones(2, 3)
    base = torch.arange(12.0).reshape(3, 4)
    drawn = {"parameter": parameter, "view": base.t()[1:], "base": base}
    copied = replaying._copy(drawn)
    assert torch.equal(copied["parameter"], parameter)
    assert copied["parameter"].grad is not parameter.grad
    assert torch.equal(copied["parameter"].grad, torch.ones(2, 3))
    assert copied["view"].stride() == base.t().stride()
    copied["base"][0, 1] = 100.0
    assert copied["view"][0, 0] == 100.0
    assert base[0, 1] == 1.0


def remembering() -> Any:
    calls: list[int] = []
    return lambda number: (calls.append(number), len(calls))


def test_a_function_that_remembers_is_not_copied() -> None:
    with pytest.raises(TypeError):
        replaying._copy({"drawn": [remembering()]})


ALSO_DRAWS = PROPERTY.replace("min_size=1))", "min_size=1), data=strategies.data())").replace(
    "numbers):", "numbers, data):"
)


@pytest.mark.usefixtures("nothing_kept")
def test_a_property_that_draws_while_it_runs_is_drawn_anew(tmp_path: Path, server: ForkServer) -> None:
    checks = ALSO_DRAWS.replace("@example(numbers=(5, 6))\n", "") + "    data.draw(strategies.integers())\n"
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: checks}))
    (tmp_path / "work.py").write_text(RIGHT)
    grader, work = Grader(course, server), read_submission(tmp_path / "work.py")
    assert [grader.grade(work, course.exercises).points for _ in range(2)] == [10, 10]
    assert all(not kept for kept in replaying._kept.values())


# --- pytest's sessions -------------------------------------------------------------------------------------------


def test_checks_are_collected_once_and_again_when_they_have_changed(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_course(tmp_path / "course", ("numbers/double", "numbers/twice"))
    course = find_course(root)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "double.py").write_text(RIGHT)
    (tmp_path / "work" / "twice.py").write_text("def twice(number):\n    return number\n")
    grader, work = Grader(course, server), read_submission(tmp_path / "work")
    exercise = course.select(["double"])
    collect, collected = pytest.Session.perform_collect, []
    monkeypatch.setattr(
        pytest.Session, "perform_collect", lambda *given, **more: (collected.append(1), collect(*given, **more))[1]
    )
    points = [grader.grade(work, [each]).points for each in (exercise[0], *course.select(["twice"]), exercise[0])]
    assert (points, len(collected)) == ([10, 0, 10], 2)
    changed = root / PUBLIC
    changed.write_text(changed.read_text().replace("4, ", "5, "))
    os.utime(changed, ns=(0, changed.stat().st_mtime_ns + 1_000_000_000))
    assert (grader.grade(work, exercise).points, len(collected)) == (6, 3)


def test_a_run_that_is_interrupted_leaves_nothing_behind(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = find_course(make_course(tmp_path / "course"))
    (tmp_path / "double.py").write_text(RIGHT)
    grader, work = Grader(course, server), read_submission(tmp_path / "double.py")
    before = list(sys.meta_path)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    assert grader.grade(work, course.exercises).points == 10
    with monkeypatch.context() as changed:
        changed.setattr("grader.sandbox.outside.session.Session.call", interrupted)
        with pytest.raises(KeyboardInterrupt):
            grader.grade(work, course.exercises)
    assert grader.grade(work, course.exercises).points == 10
    assert [each for each in sys.meta_path if not isinstance(each, CourseFinder)] == [
        each for each in before if not isinstance(each, CourseFinder)
    ]


def test_nothing_of_a_submission_is_kept(tmp_path: Path, server: ForkServer) -> None:
    course = find_course(make_course(tmp_path / "course", changes={PUBLIC: PROPERTY}))
    (tmp_path / "double.py").write_text("def double(number):\n    return 3 * number\n")
    grader = Grader(course, server)
    work = read_submission(tmp_path / "double.py")
    seen = weakref.WeakSet[Judge]()
    begin = Judge.__init__

    def remembered(judge: Judge, *given: Any, **more: Any) -> None:
        begin(judge, *given, **more)
        seen.add(judge)

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(Judge, "__init__", remembered)
        assert grader.grade(work, course.exercises).points == 0
    gc.collect()
    assert list(seen) == []
