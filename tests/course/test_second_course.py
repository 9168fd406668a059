"""A course on something else, written by the guide alone: graded, verified and released by the same tool."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.authoring.verify import verify
from grader.course.finding import find_course
from grader.course.model import Course
from grader.grading import Grader
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command, Done

pytestmark = pytest.mark.thorough

SOURCE = Path(__file__).parents[1] / "second_course"
NAMES = [exercise.name for exercise in find_course(SOURCE).exercises]
# One wrong variant of each exercise: the points it gets of ten, and the check that names it.
MISTAKES = {
    "calibrate_sensor": ("one_reading", 4, "test_reads_as_often_as_asked"),
    "rescale_readings": ("column_by_column", 4, "test_the_whole_table_counts"),
    "summarize_readings": ("counts_failed_readings", 3, "test_count_leaves_failed_readings_out"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a copy of the course, into which mistakes can be recorded."""
    place = tmp_path_factory.mktemp("second") / "course"
    return find_course(shutil.copytree(SOURCE, place, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis")))


def handed_in(course: Course, folder: Path, variants: dict[str, str]) -> Path:
    """Make a submission that has each exercise from the file of that name below its reference."""
    folder.mkdir()
    for name, variant in variants.items():
        shutil.copy(course.root / "reference" / "measuring" / name / f"{variant}.py", folder / f"{name}.py")
    return folder


def mistaken(course: Course, folder: Path) -> Path:
    return handed_in(course, folder, {name: f"wrong/{variant}" for name, (variant, _, _) in MISTAKES.items()})


def verdict_of(done: Done) -> Any:
    assert done.stderr == ""
    return json.loads(done.stdout)


def points_of(verdict: Any) -> dict[str, float]:
    return {exercise["name"]: exercise["points"] for exercise in verdict["exercises"]}


def named_by(verdict: Any) -> dict[str, list[str]]:
    """Return which mistakes the check that is about each exercise's mistake names."""
    return {
        exercise["name"]: [found["variant"] for found in check["diagnosis"]]
        for exercise in verdict["exercises"]
        for check in exercise["checks"]
        if check["name"] == MISTAKES[exercise["name"]][2]
    }


def test_stubs_are_worth_nothing_and_are_not_written_yet(course: Course, command: Command) -> None:
    done = command.run("all", "--format", "json", cwd=course.root)
    exercises = verdict_of(done)["exercises"]
    assert done.returncode == 1
    assert [exercise["points"] for exercise in exercises] == [0, 0, 0]
    messages = {check["message"].partition("\n")[0] for exercise in exercises for check in exercise["checks"]}
    assert messages == {f"`{name}` is not written yet." for name in NAMES}


@pytest.mark.parametrize(
    "variants",
    [
        dict.fromkeys(NAMES, "solution"),
        {
            "calibrate_sensor": "accepted/by_numpy",
            "rescale_readings": "accepted/by_interpolation",
            "summarize_readings": "accepted/nan_functions",
        },
    ],
    ids=["solution", "accepted"],
)
def test_right_work_gets_all_points(variants: dict[str, str], course: Course, command: Command, tmp_path: Path) -> None:
    work = handed_in(course, tmp_path / "work", variants)
    done = command.run("--submission", work, "--format", "json", cwd=course.root)
    assert points_of(verdict_of(done)) == dict.fromkeys(NAMES, 10)
    assert done.returncode == 0


def test_wrong_work_loses_the_points_of_its_mistakes_and_is_told_which_they_are(
    course: Course, command: Command, tmp_path: Path
) -> None:
    done = command.run("--submission", mistaken(course, tmp_path / "work"), "--format", "json", cwd=course.root)
    verdict = verdict_of(done)
    assert points_of(verdict) == {name: points for name, (_, points, _) in MISTAKES.items()}
    assert named_by(verdict) == {name: [variant] for name, (variant, _, _) in MISTAKES.items()}


@pytest.mark.parametrize("name", [NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:])])
def test_every_check_can_fail_none_is_unfair_and_every_mistake_is_named(
    name: str, course: Course, server: ForkServer
) -> None:
    (exercise,) = course.select([name])
    report = verify(Grader(course, server, call_seconds=PLENTY), exercise)
    assert report.findings == []
    assert report.wrong_diagnosed == len(exercise.wrong) >= 3
    assert report.accepted_passed == len(exercise.accepted) >= 1


def test_a_release_has_no_answers_and_still_names_mistakes(course: Course, command: Command, tmp_path: Path) -> None:
    recorded = command.run("record", "--jobs", "1", cwd=course.root)
    assert recorded.stdout.endswith("The known mistakes of 3 exercises are recorded in reference/.\n")
    released = command.run("release", tmp_path / "copy", cwd=course.root)
    assert "no answer was found in them." in released.stdout
    assert not (tmp_path / "copy" / "reference").exists()
    work = mistaken(course, tmp_path / "work")
    verdict = verdict_of(command.run("--submission", work, "--format", "json", cwd=tmp_path / "copy"))
    assert named_by(verdict) == {name: [variant] for name, (variant, _, _) in MISTAKES.items()}


def test_plain_pytest_runs_the_same_checks(course: Course) -> None:
    options = ["-m", "pytest", "exercises", "reference", "-k", "rescale_readings"]
    work = course.root / "reference/measuring/rescale_readings/solution.py"
    command = [sys.executable, *options, "--submission", str(work)]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
