"""The course's own scaffolds and steps: made of every solution, given away nowhere, and worth nothing by themselves.

Left blank and filled in without understanding they earn nothing: asked of one exercise a lesson by the thorough tests,
of all others by the slow ones, and by `grade verify`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader import edition
from grader.authoring.linting.check import check
from grader.authoring.notebooks import NAME
from grader.authoring.release import release
from grader.authoring.scaffolding.edition_files import with_support
from grader.authoring.scaffolding.proof import unearned
from grader.authoring.scaffolding.stub_texts import marks_of, statements, stub_text
from grader.authoring.scaffolding.trivial_fills import solved
from grader.course.finding import find_course
from grader.course.syntax import is_unwritten_text, parse
from grader.grading import Grader

if TYPE_CHECKING:
    from grader.course.blanks import Support
    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

COURSE = find_course(Path(__file__).parents[2])
SUPPORTS = ("guided", "supported", "independent")
ONE_A_LESSON = {"ddim_step", "compression_ratio", "merge_lora", "strength_to_t_start", "restore_rows"}
MOST_BLANKS = 4  # statements of a function that are written with blanks
# Of the whole lesson: what their parts hide is hidden there, too.
COMPOSED = {"sketch_to_picture", "two_runs_from_one_noise"}
every_exercise = pytest.mark.parametrize("exercise", COURSE.in_code, ids=lambda exercise: exercise.name)


def body(source: str) -> str:
    """Return a module's statements without docstrings, imports and annotations."""
    tree = parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
        if isinstance(node, ast.FunctionDef):
            node.returns, node.args = None, ast.arguments([], [], None, [], [], None, [])
    return "\n".join(ast.unparse(node) for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom))


@every_exercise
def test_every_stub_can_be_made_and_is_untouched(exercise: Exercise) -> None:
    for support in SUPPORTS:
        assert is_unwritten_text(stub_text(exercise, support).encode())  # type: ignore[arg-type]
    most = MOST_BLANKS * len(exercise.functions)
    assert 1 <= len(marks_of(exercise).blanks) <= most or exercise.name in COMPOSED


@every_exercise
def test_the_solutions_own_text_makes_the_solution_of_the_scaffold(exercise: Exercise) -> None:
    assert exercise.solution is not None
    assert body(solved(exercise)) == body(exercise.solution.read_text(encoding="utf-8"))


@pytest.mark.parametrize("support", SUPPORTS)
def test_an_edition_of_every_kind_is_made_and_gives_no_blank_away(support: str, tmp_path: Path) -> None:
    files = with_support(COURSE, edition.files(COURSE, edition.COURSE, mistakes=False), support)  # type: ignore[arg-type]
    edition.write(tmp_path, files)
    for lesson in COURSE.lessons:
        assert check(tmp_path / "exercises" / lesson.name / NAME) == []
        for exercise in lesson.in_code:
            for said in statements(exercise).values():
                place = (
                    f"exercises/{lesson.name}/README.md" if support == "independent" else f"exercises/{exercise.key}.py"
                )
                assert "".join(said.split()) in "".join(files[place].decode().split())


@pytest.mark.parametrize("support", SUPPORTS)
def test_a_linter_sees_nothing_in_stubs_but_what_is_left_to_do(support: str, tmp_path: Path) -> None:
    for exercise in COURSE.in_code:
        (tmp_path / f"{exercise.name}.py").write_text(stub_text(exercise, support), encoding="utf-8")  # type: ignore[arg-type]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--line-length=120", "--select=E,F,W"]
    command += ["--output-format=concise", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    of_blanks = ("F821 Undefined name `____`", "F841 Local variable", "F401 [*] ") if support == "guided" else ()
    places = [line for line in found if line.startswith(str(tmp_path))]
    assert [line for line in places if not any(kind in line for kind in of_blanks)] == []
    assert bool(places) is (support == "guided")  # so that it has looked at them


@pytest.mark.thorough
@pytest.mark.parametrize(
    "exercise",
    [pytest.param(e, marks=() if e.name in ONE_A_LESSON else pytest.mark.slow, id=e.name) for e in COURSE.in_code],
)
def test_blanks_earn_nothing_and_the_solutions_own_text_everything(
    exercise: Exercise, model_server: ForkServer
) -> None:
    assert list(unearned(Grader(COURSE, model_server, diagnosis_seconds=0), exercise)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("support", SUPPORTS)
def test_the_course_can_be_released_so(support: Support, tmp_path: Path) -> None:
    """No answer is found in what comes out, but for what the stubs show: `release` refuses otherwise."""
    release(COURSE, tmp_path / "out", "course", support=support)
    shown = (tmp_path / "out" / "exercises" / "sampling_and_generation" / "ddim_step.py").read_text(encoding="utf-8")
    assert ("____" in shown) is (support == "guided")
