"""Every lesson's notebook with every kind of support: solved in a student's copy it passes, left as it is it earns nothing.

A notebook is solved with the solution's own text: in its blanks, where it has some, and else in place of the stub.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from grader.authoring.notebooks import NAME
from grader.authoring.release import release
from grader.authoring.scaffolding.trivial_fills import solved
from grader.course.finding import find_course
from grader.course.questions.reading import keys_of
from grader.course.rubric_reading import load_rubrics
from grader.grading import Grader
from grader.notebook.execute import refused_unless_it_runs
from grader.results import Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.course.blanks import Support
    from grader.course.model import Exercise, Lesson
    from grader.sandbox.outside.server import ForkServer, Isolation

    Released = Callable[[Support | None], Path]

COURSE = find_course(Path(__file__).parents[2])
AS_IT_IS = None  # the stubs as they are in `exercises/`
SUPPORTS: tuple[Support | None, ...] = ("guided", "supported", "independent", AS_IT_IS)
CHEAPEST = ("sampling_and_generation", "guided")
PATIENCE_SECONDS = 3600  # nbclient's own limits, of some seconds, are for quick machines

every_notebook = pytest.mark.parametrize(
    ("lesson", "support"),
    [
        pytest.param(
            lesson,
            support,
            id=f"{lesson.name}-{support or 'usual'}",
            marks=pytest.mark.thorough if (lesson.name, support) == CHEAPEST else pytest.mark.slow,
        )
        for support in SUPPORTS
        for lesson in COURSE.lessons
    ],
)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Return what makes a release with some kind of support, each kind once, and says where it is."""

    @functools.cache
    def root_of(support: Support | None) -> Path:
        folder = tmp_path_factory.mktemp("released") / (support or "usual")
        release(COURSE, folder, "course", support=support)
        return folder

    return root_of


@pytest.fixture(scope="module")
def grader(model_server: ForkServer) -> Grader:
    """Return what grades by file, with the author's course."""
    return Grader(COURSE, model_server)


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"\n{what}: {time.perf_counter() - started:.1f} s")


def solve(notebook: Path, lesson: Lesson) -> None:
    """Solve every exercise of a notebook and answer its questions."""
    assert lesson.questions is not None
    keys = keys_of(lesson.questions)
    exercises = {exercise.name: exercise for exercise in lesson.in_code}
    made = nbformat.read(notebook, as_version=4)
    for cell in made.cells:
        first, _, stub = cell.source.partition("\n")
        match first.split():
            case ["%%exercise", name]:
                cell.source = f"{first}\n{solution_in(stub, exercises.pop(name))}"
            case ["%answer", question, "..."]:
                cell.source = f"%answer {question} {keys.pop(question).answer}"
    assert (exercises, keys) == ({}, {})
    nbformat.write(made, notebook)


def solution_in(stub: str, exercise: Exercise) -> str:
    if "____" in stub:
        return solved(exercise, stub)
    assert exercise.solution is not None
    return exercise.solution.read_text(encoding="utf-8")


def elsewhere(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield the criteria that a person decides, or a real model."""
    for (_, name), rubric in load_rubrics(COURSE, [lesson.name]).items():
        for criterion in rubric.criteria:
            if criterion.manual or criterion.tier == "gpu":
                yield name, criterion.title


@every_notebook
def test_every_card_of_a_solved_notebook_says_passed_in_a_students_copy(
    released: Released, lesson: Lesson, support: Support | None, tmp_path: Path
) -> None:
    copy = shutil.copytree(released(support), tmp_path / "copy")
    notebook = copy / "exercises" / lesson.name / NAME
    solve(notebook, lesson)
    made = nbformat.read(notebook, as_version=4)
    patience = dict.fromkeys(("timeout", "startup_timeout", "iopub_timeout"), PATIENCE_SECONDS)
    with timed(f"{lesson.name}, {support or 'usual'}, solved, in a kernel"):
        NotebookClient(made, resources={"metadata": {"path": notebook.parent}}, **patience).execute()
    cards = {
        cell.source.partition("\n")[0]: output.data["text/plain"]
        for cell in made.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "display_data"
    }
    assert {f"%%exercise {exercise.name}" for exercise in lesson.in_code} <= cards.keys()
    for asked, card in cards.items():
        assert "✗" not in card, card
        assert "passed" in card or asked.startswith("%answer"), card
    assert (notebook.parent / "answers.toml").is_file()  # so it was this copy's
    assert (notebook.parent / f"handin-{lesson.name}.zip").is_file()


@every_notebook
def test_a_notebook_as_it_is_given_out_gets_no_points(
    released: Released, lesson: Lesson, support: Support | None, grader: Grader
) -> None:
    work = read_submission(released(support) / "exercises" / lesson.name / NAME)
    with timed(f"{lesson.name}, {support or 'usual'}, as given out"):
        verdict = grader.grade(work, lesson.exercises)
    print(f"{verdict.points:g} of {verdict.max_points:g} points")
    assert (verdict.outcome, verdict.points) == (Outcome.FAILED, 0)


@every_notebook
def test_a_solved_notebook_gets_all_points_by_file(
    released: Released, lesson: Lesson, support: Support | None, grader: Grader, isolation: Isolation, tmp_path: Path
) -> None:
    notebook = Path(shutil.copy(released(support) / "exercises" / lesson.name / NAME, tmp_path))
    solve(notebook, lesson)
    with timed(f"{lesson.name}, {support or 'usual'}, solved, by file"):
        work = refused_unless_it_runs(read_submission(notebook), notebook, isolation)
        verdict = grader.grade(work, lesson.exercises)
    print(f"{verdict.points:g} of {verdict.max_points:g} points")
    given = [(exercise.name, each) for exercise in verdict.exercises for each in exercise.criteria]
    undecided = set(elsewhere(lesson))
    assert {(name, each.title) for name, each in given if each.outcome is not Outcome.PASSED} == undecided
    assert verdict.points == sum(each.max_points for name, each in given if (name, each.title) not in undecided)
