"""The sampling loops' second algebraic forms, and their solutions, against diffusers' schedulers and closed forms."""

import importlib.util
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from grader.checks import CheckFailure, assert_close, assert_far
from grader.checks import denoisers as exact
from grader.checks import strategies as draw
from grader.models.denoisers import ddim_moments, ddpm_moments
from grader.sandbox.handles import Handle

ROOT = Path(__file__).parents[1]
LESSON = "sampling_and_generation"
X_T, *NOISE = draw.random_tensors(1001, (2, 3), torch.float32, seed=0, decimals=None)
STEP_NOISE = torch.stack(NOISE)


def load(*parts: str) -> ModuleType:
    """Return the module in a file of the course."""
    path = ROOT.joinpath(*parts)
    spec = importlib.util.spec_from_file_location("_".join((*path.parts[-3:-1], path.stem)), path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def diffusers() -> Iterator[Any]:
    """Return diffusers, whose own deprecation warnings are not ours to fix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import diffusers

        yield diffusers


# --- ddpm_sample -------------------------------------------------------------------------------------------------


def ddpm_solution() -> Any:
    return load("reference", LESSON, "ddpm_sample", "solution.py").ddpm_sample


def ddpm_closed_form() -> Any:
    return load("exercises", LESSON, "checks", "test_ddpm_sample.py").in_closed_form


def ddpm_by_diffusers(
    diffusers: Any, monkeypatch: pytest.MonkeyPatch, model: Handle, betas: torch.Tensor, step_noise: torch.Tensor
) -> torch.Tensor:
    """Return what a loop over DDPMScheduler's own timesteps makes of `X_T`, with the given noise."""
    scheduler = diffusers.DDPMScheduler(
        len(betas), trained_betas=betas.numpy(), variance_type="fixed_large", clip_sample=False
    )
    scheduler.set_timesteps(len(betas))
    fresh = iter(step_noise.flip(0))
    monkeypatch.setattr(diffusers.schedulers.scheduling_ddpm, "randn_tensor", lambda *_, **__: next(fresh))
    predict, x = exact.here(model), X_T
    for timestep in scheduler.timesteps:
        x = scheduler.step(predict(x, timestep), timestep, x).prev_sample
    return x


@pytest.mark.parametrize("schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize("steps", [2, 50, 1000])
def test_ddpm_loop_in_closed_form_is_the_ddpm_schedulers(
    diffusers: Any, monkeypatch: pytest.MonkeyPatch, schedule: draw.Schedule, steps: int
) -> None:
    betas = draw.make_betas(schedule, steps).float()
    model = exact.gaussian(exact.alpha_bars(betas), mean=2.0, std=0.5)
    expected = ddpm_by_diffusers(diffusers, monkeypatch, model, betas, STEP_NOISE[:steps])
    assert_far(expected, X_T, least=1e-2)
    actual = ddpm_closed_form()(model, X_T, betas, STEP_NOISE[:steps])
    assert_close(actual, expected, "The closed form must equal diffusers' loop.", tolerance=1e-3)


@pytest.mark.parametrize("steps", [2, 50, 1000])
def test_ddpm_solution_is_the_ddpm_schedulers_loop(diffusers: Any, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    betas = draw.make_betas("linear", steps).float()
    model = exact.two_modes(exact.alpha_bars(betas))
    expected = ddpm_by_diffusers(diffusers, monkeypatch, model, betas, STEP_NOISE[:steps])
    actual = ddpm_solution()(exact.here(model), X_T, betas, STEP_NOISE[:steps])
    assert_close(actual, expected, "The solution must equal diffusers' loop.", tolerance=1e-3)


@pytest.mark.parametrize(
    ("steps", "mean", "std"), [(10, 0.597529, 0.788152), (50, 1.449647, 0.556631), (1000, 1.99998, 0.500752)]
)
def test_balanced_noise_ends_at_the_moments_of_the_recursion(steps: int, mean: float, std: float) -> None:
    betas = draw.make_betas("linear", steps)
    model = exact.gaussian(exact.alpha_bars(betas), mean=2.0, std=0.5)
    x_T, *noise = exact.balanced_noise(steps + 1, torch.float64)  # noqa: N806
    result = ddpm_closed_form()(model, x_T, betas, torch.stack(noise))
    assert (float(result.mean()), float(result.std(correction=0))) == pytest.approx((mean, std), abs=1e-6)
    assert ddpm_moments(betas, 2.0, 0.5)[-1] == pytest.approx((mean, std), abs=1e-6)


# --- ddim_sample -------------------------------------------------------------------------------------------------


def ddim_forms() -> dict[str, Any]:
    checks = load("exercises", LESSON, "checks", "test_ddim_sample.py")
    solution = load("reference", LESSON, "ddim_sample", "solution.py")
    return {"second form": checks.along_the_noise_level, "solution": solution.ddim_sample}


@pytest.mark.parametrize("schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize("leaps", [2, 20, 50, 200])
@pytest.mark.parametrize("form", ["second form", "solution"])
def test_ddim_loop_is_the_ddim_schedulers(diffusers: Any, form: str, leaps: int, schedule: draw.Schedule) -> None:
    betas = draw.make_betas(schedule, 1000).float()
    scheduler = diffusers.DDIMScheduler(
        1000, trained_betas=betas.numpy(), clip_sample=False, set_alpha_to_one=True, timestep_spacing="leading"
    )
    scheduler.set_timesteps(leaps)
    model = exact.two_modes(exact.alpha_bars(betas))
    predict, x = exact.here(model), X_T
    for timestep in scheduler.timesteps:
        x = scheduler.step(predict(x, timestep), timestep, x).prev_sample
    assert_far(x, X_T, least=0.1)
    actual = ddim_forms()[form](predict, X_T, scheduler.timesteps, scheduler.alphas_cumprod)
    assert_close(actual, x, "The loop must equal diffusers'.", tolerance=5e-5)


def test_best_guess_is_what_one_leap_gives() -> None:
    alphas_cumprod = exact.alpha_bars(draw.make_betas("linear", 1000))
    model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
    best_guess = load("exercises", LESSON, "checks", "test_ddim_sample.py").best_guess
    for timestep in (0, 500, 999):
        expected = ddim_forms()["solution"](exact.here(model), X_T.double(), torch.tensor([timestep]), alphas_cumprod)
        actual = best_guess(model, X_T.double(), timestep)
        assert_close(actual, expected, "One leap must be the best guess.", tolerance=1e-9)


@pytest.mark.parametrize(("leaps", "mean", "std"), [(10, 1.987699, 0.374128), (50, 1.992740, 0.472439)])
def test_ddim_moments_of_the_checks_are_the_recursions(leaps: int, mean: float, std: float) -> None:
    timesteps = list(range(0, 1000, 1000 // leaps))[::-1]
    alphas_cumprod = exact.alpha_bars(draw.make_betas("linear", 1000))
    assert ddim_moments(timesteps, alphas_cumprod, 2.0, 0.5)[-1] == pytest.approx((mean, std), abs=1e-6)


# --- what the checks of loops lean on ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 11, 51])
def test_balanced_noise_has_exact_moments_and_no_correlation(count: int) -> None:
    noise = exact.balanced_noise(count, torch.float64)
    assert len(noise) == count
    assert torch.equal(noise.mean(dim=1), torch.zeros(count, dtype=torch.float64))
    assert torch.equal(noise @ noise.T / noise.shape[1], torch.eye(count, dtype=torch.float64))


def refusal(check: Any, *arguments: Any) -> str:
    with pytest.raises(CheckFailure) as failure:
        check(*arguments)
    return str(failure.value)


def test_timesteps_in_another_order_are_refused() -> None:
    calls = [{"timestep": t} for t in (0, 1, 2)]
    assert "[2, 1, 0]" in refusal(exact.assert_timesteps, calls, [2, 1, 0], "Downwards.")


def test_a_call_too_many_is_refused_by_number() -> None:
    calls = [{"timestep": t} for t in (1, 1, 0)]
    text = refusal(exact.assert_timesteps, calls, [1, 0], "Once.")
    assert text.startswith("Once. There must be 2 calls; there were 3.")


def test_a_tensor_of_one_timestep_counts_as_an_int() -> None:
    exact.assert_timesteps([{"timestep": [1]}, {"timestep": 0}], [1, 0], "Downwards.")


@pytest.mark.parametrize("calls", [[], None, "calls", [3]])
def test_no_calls_are_told(calls: object) -> None:
    assert "never called" in refusal(exact.assert_timesteps, calls, [0], "Once.")


def test_tensors_that_pile_up_are_refused() -> None:
    calls = [{"live_tensors": 100 + step} for step in range(12)]
    assert "9 more" in refusal(exact.assert_steady, calls)


def test_tensors_of_the_first_steps_and_a_few_more_are_allowed() -> None:
    exact.assert_steady([{"live_tensors": count} for count in (10, 14, 15, 15, 16, 15, 15, 17, 18, 18, 18, 18)])


@pytest.mark.parametrize("calls", [[], None, [{"live_tensors": 1}] * 5, [{"timestep": 1}] * 12])
def test_too_few_counts_are_no_proof(calls: object) -> None:
    assert "times only" in refusal(exact.assert_steady, calls)
