"""The course's own exercises: right work passes, every check can fail, mistakes are caught and named.

The fast tests ask of every exercise but the long ones whether its solution and an accepted one pass, and of experiments
whether their solution does. The thorough ones look at what a rule chooses: the stub, and for every check the first of the
wrong variants that it must catch; of long exercises, at the solution. The slow ones put all variants of all exercises
through `grade verify`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring.verify import verify
from grader.course.finding import find_course
from grader.course.model import Exercise
from grader.course.seeds import Seeds
from grader.diagnosis.variants import describe_variant
from grader.grading import Grader
from grader.results import CheckResult, Outcome
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

COURSE = find_course(Path(__file__).parents[2])
# Whole loops and training on the model, whose verdicts take seconds: the fast tests see the solutions of these alone.
LONG = {
    "text_to_image", "latent_training_loss", "img2img", "inpaint", "sketch_to_picture", "lora_target_modules",
    "lora_training_step", "inversion_training_step", "train_style_lora", "train_embedding",
}  # fmt: skip
# Whose verdicts take seconds too: the fast tests leave the accepted variants of these to the thorough ones.
EXPERIMENTS = {
    "inversion_checkpoints", "lora_checkpoints", "lora_interference", "lora_parameter_count", "strength_grid",
    "word_or_adapter",
}  # fmt: skip
LEARNING = {"test_style_is_learned", "test_learns_the_concept"}  # a hundred steps: for the slow tests alone
# What is of the kind that a function promises, and odd. Another kind is refused before any check sees it.
ODD_RESULTS = {
    "torch.Tensor": ["torch.full((1, 4, 16, 16), float('nan'))"],
    "Image.Image": ["Image.new('L', (1, 1))"],
    "int": ["-1"],
    "float": ["float('nan')"],
    "None": ["None"],
}
ODD_ANYTHING = ["[1, 'x']", "None"]


def every_exercise(for_long: pytest.MarkDecorator) -> pytest.MarkDecorator:
    """Run a test for every exercise; with another mark for the long ones."""
    marked = [pytest.param(e, id=e.name, marks=[for_long] if e.name in LONG else []) for e in COURSE.in_code]
    return pytest.mark.parametrize("exercise", marked, indirect=True)


@pytest.fixture(scope="module", params=COURSE.in_code, ids=lambda exercise: exercise.name)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    found: Exercise = request.param
    return found


@pytest.fixture(scope="module")
def grader(model_server: ForkServer) -> Grader:
    return Grader(COURSE, model_server, diagnosis_seconds=math.inf)


def results_of(grader: Grader, exercise: Exercise, path: Path, *diagnosed: str) -> dict[str, CheckResult]:
    """Grade a file; return the results by the names of the checks, but for those that need a real model."""
    [result] = grader.grade(read_submission(path), [exercise], diagnosed=diagnosed).exercises
    return {check.name: check for check in result.checks if check.outcome is not Outcome.SKIPPED}


# --- every exercise, in what a rule chooses ---


@pytest.mark.thorough
@every_exercise(pytest.mark.slow)
def test_the_stub_fails_every_check(exercise: Exercise, grader: Grader) -> None:
    results = results_of(grader, exercise, exercise.stub).values()
    assert {check.name: check.message for check in results if check.outcome is not Outcome.FAILED} == {}


def right_solutions() -> list[object]:
    """Return each exercise with its solution, and with the first of its accepted variants if it is not a long one."""
    return [
        pytest.param(
            exercise,
            path,
            id=f"{exercise.name}-{path.stem}",
            marks=[pytest.mark.thorough] if exercise.name in LONG | (EXPERIMENTS if later else set()) else [],
        )
        for exercise in COURSE.in_code
        for later, path in enumerate((exercise.solution, *exercise.accepted[: exercise.name not in LONG]))
    ]


@pytest.mark.parametrize(("solved", "path"), right_solutions())
def test_right_solutions_pass(solved: Exercise, path: Path, grader: Grader) -> None:
    checks = [check.name for check in solved.checks if check.name not in LEARNING]
    assert grader.first_failure(read_submission(path), solved, checks) is None


@pytest.mark.thorough
@every_exercise(pytest.mark.slow)
def test_every_check_catches_the_first_mistake_that_it_must(exercise: Exercise, grader: Grader) -> None:
    first = {describe_variant(path).caught_by: path for path in reversed(exercise.wrong)}
    caught = {check: grader.first_failure(read_submission(path), exercise, [check]) for check, path in first.items()}
    assert caught == {check: check for check in first}


@pytest.mark.thorough
@every_exercise(pytest.mark.slow)
def test_the_first_mistake_is_named(exercise: Exercise, grader: Grader) -> None:
    mistake = describe_variant(exercise.wrong[0])
    caught = results_of(grader, exercise, exercise.wrong[0], mistake.caught_by)[mistake.caught_by]
    assert [diagnosis.variant for diagnosis in caught.diagnosis] == [mistake.variant]


# --- all variants ---


@pytest.mark.slow
def test_every_check_can_fail_none_is_unfair_and_every_mistake_is_named(exercise: Exercise, grader: Grader) -> None:
    assert verify(grader, exercise).findings == []


# --- other results, other draws ---


def odd_results() -> list[object]:
    """Return each exercise on the model with the results that its functions promise, and odd ones of no kind.

    The fast tests see the first of each, and none of long exercises.
    """
    return [
        pytest.param(
            exercise,
            result,
            id=f"{exercise.name}-{result}",
            marks=[pytest.mark.slow] if number or exercise.name in LONG else [],
        )
        for exercise in COURSE.in_code
        if exercise.on_model
        for number, result in enumerate(ODD_RESULTS.get(exercise.functions[0].returns, ODD_ANYTHING))
    ]


@pytest.mark.thorough
@pytest.mark.parametrize(("on_model", "result"), odd_results())
def test_an_odd_result_fails_and_breaks_no_check(
    on_model: Exercise, result: str, grader: Grader, tmp_path: Path
) -> None:
    definitions = (f"def {function.name}(*given): return {result}" for function in on_model.functions)
    (tmp_path / "work.py").write_text("\n".join(["import torch", "from PIL import Image", *definitions]))
    checks = results_of(grader, on_model, tmp_path / "work.py").values()
    outcomes = {check.outcome for check in checks}
    assert outcomes <= {Outcome.FAILED, Outcome.PASSED}, [check.message for check in checks]
    assert Outcome.FAILED in outcomes  # who does nothing has left everything as it was, and passes what asks for that


@pytest.mark.thorough
@pytest.mark.parametrize("drawn", [e for e in COURSE.in_code if not e.on_model], ids=lambda exercise: exercise.name)
def test_the_solution_passes_on_another_draw(drawn: Exercise, grader: Grader) -> None:
    assert drawn.solution is not None
    assert grader.with_seed(1).first_failure(read_submission(drawn.solution), drawn) is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_right_solutions_pass_on_other_draws_too(server: ForkServer, seed: int) -> None:
    grader = Grader(COURSE, server, seeds=Seeds(seed))
    for exercise in COURSE.in_code:
        if exercise.on_model:
            continue  # its cases are chosen, not drawn
        for path in (exercise.solution, *exercise.accepted):
            verdict = grader.grade(read_submission(path), [exercise])
            assert verdict.outcome is Outcome.PASSED, (
                f"{path}: {[c.message for e in verdict.exercises for c in e.checks]}"
            )
