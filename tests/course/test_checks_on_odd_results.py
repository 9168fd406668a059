"""The founding exercises' checks on odd results: whatever a function returns, a check fails and never breaks."""

import inspect
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, settings

from grader.checks import CheckFailure
from helpers.course_files import load
from helpers.odd_values import Unprintable

ROOT = Path(__file__).parents[2]

ODD_RESULTS: dict[str, Callable[[torch.Tensor], object]] = {
    "nothing": lambda _: None,
    "text": lambda _: "x_t",
    "number": lambda _: 0.5,
    "truth": lambda _: True,
    "list": lambda example: example.tolist(),
    "array": lambda example: example.numpy(),
    "described": lambda _: SimpleNamespace(type_name="Model", text="<a model>"),
    "unprintable": lambda _: Unprintable(),
    "no dimensions": lambda _: torch.tensor(0.5),
    "one number": lambda example: example.new_ones(1),
    "one dimension more": lambda example: example[None],
    "transposed": lambda example: torch.zeros(*example.shape[::-1], 2),
    "empty": lambda example: example.new_empty(0),
    "empty rows": lambda example: example.new_empty((0, *example.shape[1:])),
    "half": lambda example: example.half(),
    "other precision": lambda example: example.to({torch.float64: torch.float32}.get(example.dtype, torch.float64)),
    "integers": lambda example: example.long(),
    "truths": lambda example: example.bool(),
    "complex": lambda example: example.to(torch.complex64),
    "not a number": lambda example: torch.full_like(example, math.nan),
    "infinity": lambda example: torch.full_like(example, math.inf),
    "largest": lambda example: torch.full_like(example, torch.finfo(example.dtype).max),
    "most negative": lambda example: torch.full_like(example, torch.finfo(example.dtype).min),
    "zeros": torch.zeros_like,
    "constant": lambda example: torch.full_like(example, 7.0),
    "with gradient": lambda example: torch.full_like(example, 7.0).requires_grad_(),
    "sparse": lambda example: example.to_sparse(),
    "without numbers": lambda example: example.to("meta"),
}

EXERCISES = {
    "sampling_and_generation/reverse_step": ("x_t", "noise_pred", "timestep", "betas", "z"),
    "img2img_and_inpainting/combine_masked": ("mask", "denoised", "original"),
    "img2img_and_inpainting/strength_to_t_start": ("strength", "num_inference_steps"),
    "textual_inversion/restore_rows": ("table", "original", "trained_ids"),
}


class InProcess:
    """A student's function that runs right here, on the very arguments of the check."""

    def __init__(self, function: Callable[..., object], parameters: tuple[str, ...]) -> None:
        self.function = function
        self.parameters = parameters

    def __call__(self, *arguments: object) -> object:
        return self.function(*arguments)

    def called_with(self, *arguments: object) -> SimpleNamespace:
        result = self.function(*arguments)
        return SimpleNamespace(result=result, arguments=dict(zip(self.parameters, arguments, strict=True)))


class Odd(InProcess):
    """A function that returns, and leaves in place of each argument, what `make` makes of the largest tensor."""

    def __init__(self, make: Callable[[torch.Tensor], object], parameters: tuple[str, ...]) -> None:
        super().__init__(lambda *arguments: make(largest_tensor(arguments)), parameters)

    def called_with(self, *arguments: object) -> SimpleNamespace:
        result = self(*arguments)
        return SimpleNamespace(result=result, arguments=dict.fromkeys(self.parameters, result))


def largest_tensor(arguments: tuple[object, ...]) -> torch.Tensor:
    tensors = [value.detach() for value in arguments if isinstance(value, torch.Tensor)]
    return max(tensors, key=torch.numel, default=torch.tensor([3.0]))


@pytest.fixture(scope="module")
def quick_profile() -> Iterator[None]:
    """Let the check files be loaded, and so their settings be made, under a profile that does not shrink."""
    before = settings.get_current_profile_name()
    profile = settings(
        database=None, deadline=None, derandomize=True, max_examples=5, report_multiple_bugs=False,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    settings.register_profile("odd results", profile)
    settings.load_profile("odd results")
    yield
    settings.load_profile(before)


@pytest.fixture(scope="module", params=EXERCISES)
def exercise(request: pytest.FixtureRequest, quick_profile: None) -> SimpleNamespace:  # noqa: ARG001
    lesson, name = request.param.split("/")
    hidden = ROOT / "reference" / lesson / name
    checks: list[Callable[..., None]] = []
    for path in (ROOT / "exercises" / lesson / "checks" / f"test_{name}.py", hidden / "test_hidden.py"):
        found = (value for key, value in vars(load(path)).items() if key.startswith("test_"))
        checks += [check for check in found if "sd" not in inspect.signature(check).parameters]  # those need a model
    return SimpleNamespace(
        name=name, parameters=EXERCISES[request.param], checks=checks, solution=load(hidden / "solution.py")
    )


def outcomes_of(exercise: SimpleNamespace, function: InProcess) -> dict[str, str]:
    """Run every check of an exercise on a function; any exception but `CheckFailure` is the grader's, and goes on."""
    outcomes = {}
    for check in exercise.checks:
        fixtures: dict[str, Any] = {"submission": SimpleNamespace(**{exercise.name: function})}
        if "reference" in inspect.signature(check).parameters:
            fixtures["reference"] = exercise.solution
        try:
            check(**fixtures)
            outcomes[check.__name__] = "passed"
        except CheckFailure as caught:
            outcomes[check.__name__] = f"failed: {caught}"
    return outcomes


@pytest.mark.parametrize("odd", ODD_RESULTS)
def test_no_odd_result_breaks_a_check(exercise: SimpleNamespace, odd: str) -> None:
    outcomes = outcomes_of(exercise, Odd(ODD_RESULTS[odd], exercise.parameters))
    assert set(outcomes.values()) != {"passed"}


def test_the_solution_passes_every_check(exercise: SimpleNamespace) -> None:
    outcomes = outcomes_of(exercise, InProcess(getattr(exercise.solution, exercise.name), exercise.parameters))
    assert set(outcomes.values()) == {"passed"}
