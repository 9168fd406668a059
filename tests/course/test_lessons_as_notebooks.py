"""The lessons' own notebooks: with the solutions they get all points, with the stubs none, by file and in a kernel."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import nbformat
import pytest
from nbclient import NotebookClient

from grader.authoring.notebooks import built
from grader.course.finding import find_course
from grader.course.questions.reading import keys_of
from grader.course.rubric_reading import load_rubrics
from grader.results import Outcome, Verdict

if TYPE_CHECKING:
    from grader.course.model import Lesson

GRADE = Path(sys.executable).with_name("grade")
COURSE = find_course(Path(__file__).parents[2])
PATIENCE_SECONDS = 3600  # nbclient's own limits, of some seconds, are for quick machines

pytestmark = pytest.mark.slow
every_lesson = pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)


def solved(lesson: Lesson, *, answered: bool = True) -> nbformat.NotebookNode:
    """Return the lesson's notebook as a student hands it in who has solved all of it, and `answered` its questions."""
    assert lesson.questions is not None
    keys = keys_of(lesson.questions)
    made = nbformat.reads(built(lesson), as_version=4)
    solutions = {exercise.name: exercise.solution for exercise in lesson.in_code}
    for cell in made.cells:
        magic, _, name = cell.source.partition("\n")[0].partition(" ")
        if magic == "%%exercise":
            solution = solutions.pop(name)
            assert solution is not None
            cell.source = f"%%exercise {name}\n{solution.read_text(encoding='utf-8')}"
        elif magic == "%answer" and answered:
            question = name.partition(" ")[0]
            cell.source = f"%answer {question} {keys.pop(question).answer}"
    assert not solutions
    assert not (keys and answered)
    return made


def verdict_on(path: Path, lesson: Lesson, *options: str) -> Verdict:
    """Grade a notebook by the command, and print how long it took."""
    started = time.perf_counter()
    done = subprocess.run(
        [GRADE, lesson.name, "--submission", path, "--format", "json", *options],
        cwd=COURSE.root,
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"\n{lesson.name}: graded in {time.perf_counter() - started:.1f} s {' '.join(options)}")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return msgspec.json.decode(done.stdout, type=Verdict)


@every_lesson
def test_solutions_run_from_top_to_bottom_and_get_all_points(lesson: Lesson, tmp_path: Path) -> None:
    path = tmp_path / "work.ipynb"
    nbformat.write(solved(lesson), path)
    verdict = verdict_on(path, lesson, "--execute")
    rubrics = load_rubrics(COURSE, [lesson.name])
    elsewhere = {  # given by a person, or on a real model
        (name, criterion.title)
        for (_, name), rubric in rubrics.items()
        for criterion in rubric.criteria
        if criterion.manual or criterion.tier == "gpu"
    }
    found = [(exercise.name, each) for exercise in verdict.exercises for each in exercise.criteria]
    assert {(name, each.title) for name, each in found if each.outcome is not Outcome.PASSED} == elsewhere
    assert verdict.points == sum(each.max_points for name, each in found if (name, each.title) not in elsewhere)
    print(f"{lesson.name}: {verdict.points:g} of {verdict.max_points:g} points")


@every_lesson
def test_stubs_get_no_points(lesson: Lesson, tmp_path: Path) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text(built(lesson), encoding="utf-8")
    verdict = verdict_on(path, lesson)
    assert (verdict.outcome, verdict.points) == (Outcome.FAILED, 0)
    print(f"{lesson.name}: {verdict.points:g} of {verdict.max_points:g} points")


@every_lesson
def test_every_cell_of_solutions_passes_in_a_kernel(lesson: Lesson) -> None:
    made = solved(lesson, answered=False)  # an answer would be written into this course
    started = time.perf_counter()
    patience = dict.fromkeys(("timeout", "startup_timeout", "iopub_timeout"), PATIENCE_SECONDS)
    NotebookClient(made, resources={"metadata": {"path": lesson.folder}}, **patience).execute()
    print(f"\n{lesson.name}: {time.perf_counter() - started:.0f} s in a kernel")
    for cell in (cell for cell in made.cells if cell.source.startswith("%%exercise")):
        [shown] = [output for output in cell.outputs if output.output_type == "display_data"]
        text = shown.data["text/plain"]
        assert "passed" in text, text
        assert "✗" not in text, text
