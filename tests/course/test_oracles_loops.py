"""The sampling loops' second algebraic forms, and their solutions, against diffusers' schedulers and closed forms."""

import re
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from exercises._shared import _schedules
from exercises._shared._schedules import alpha_bars, make_alphas_cumprod
from exercises.sampling_and_generation.checks import _denoisers as exact
from exercises.sampling_and_generation.checks import _two_runs
from grader.checks import CheckFailure, assert_close, assert_far
from grader.checks import strategies as draw
from grader.workbench.denoisers import ddim_moments, ddpm_moments
from grader.workbench.readers import calls
from grader.workbench.recipes import denoiser
from helpers.course_files import load

LESSON = "sampling_and_generation"
SCHEDULES = ["linear", "scaled_linear", "cosine"]
X_T, *NOISE = draw.random_tensors(1001, (2, 3), torch.float32, seed=0, decimals=None)
STEP_NOISE = torch.stack(NOISE)

Model = Callable[[torch.Tensor, int], torch.Tensor]


def solution(name: str) -> Any:
    """Return the reference solution of an exercise, as a function."""
    return getattr(load("reference", LESSON, name, "solution.py"), name)


def checks(name: str) -> ModuleType:
    """Return the public checks of an exercise."""
    return load("exercises", LESSON, "checks", f"test_{name}.py")


def make_betas(schedule: str, length: int) -> torch.Tensor:
    """Return the betas of one of the three schedules in float32; diffusers' are the same (see test_oracles_sampling)."""
    betas: torch.Tensor = load("reference", LESSON, "noise_schedule", "solution.py").noise_schedule(length, schedule)
    return betas


def watched(model: Model, pictures: list[torch.Tensor]) -> Model:
    """Return the model, which notes every picture that it is asked about."""

    def predict(x: torch.Tensor, timestep: int) -> torch.Tensor:
        pictures.append(x)
        return model(x, timestep)

    return predict


def way_of(loop: Callable[..., torch.Tensor], model: Model, *arguments: torch.Tensor) -> torch.Tensor:
    """Return all the pictures of a loop from `X_T`: the one before every step, and the result."""
    pictures: list[torch.Tensor] = []
    result = loop(watched(model, pictures), X_T, *arguments)
    return torch.stack([*pictures, result]).to(X_T.dtype)


# --- ddpm_sample -------------------------------------------------------------------------------------------------


def way_of_ddpm(
    diffusers: Any, monkeypatch: pytest.MonkeyPatch, model: Model, betas: torch.Tensor, step_noise: torch.Tensor
) -> torch.Tensor:
    """Return all the pictures of a loop over DDPMScheduler's own timesteps from `X_T`, with the given noise."""
    scheduler = diffusers.DDPMScheduler(
        len(betas), trained_betas=betas.numpy(), variance_type="fixed_large", clip_sample=False
    )
    scheduler.set_timesteps(len(betas))
    fresh = iter(step_noise.flip(0))
    monkeypatch.setattr(diffusers.schedulers.scheduling_ddpm, "randn_tensor", lambda *_, **__: next(fresh))
    pictures = [X_T]
    for timestep in scheduler.timesteps:
        x = pictures[-1]
        pictures.append(scheduler.step(model(x, timestep), timestep, x).prev_sample)
    return torch.stack(pictures)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 10, 50, 200, 1000])
def test_every_step_of_the_ddpm_solution_is_the_ddpm_schedulers(
    diffusers: Any, monkeypatch: pytest.MonkeyPatch, schedule: str, steps: int
) -> None:
    betas = make_betas(schedule, steps)
    model = exact.here(exact.two_modes(alpha_bars(betas)))
    expected = way_of_ddpm(diffusers, monkeypatch, model, betas, STEP_NOISE[:steps])
    assert_far(expected[-1], X_T, least=1e-2 if steps > 1 else 1e-5)
    actual = way_of(solution("ddpm_sample"), model, betas, STEP_NOISE[:steps])
    # Both start with 1 - alpha-bar in float32, of which few digits are left where little noise has been added.
    assert_close(actual, expected, "Every picture on the way must be diffusers'.", tolerance=1e-3)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 10, 50, 200, 1000])
def test_ddpm_pictures_of_the_checks_end_at_the_ddpm_schedulers(
    diffusers: Any, monkeypatch: pytest.MonkeyPatch, schedule: str, steps: int
) -> None:
    betas = make_betas(schedule, steps)
    model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5)
    expected = way_of_ddpm(diffusers, monkeypatch, exact.here(model), betas, STEP_NOISE[:steps])[-1]
    actual = checks("ddpm_sample").on_the_way(model, X_T, betas, STEP_NOISE[:steps])[-1]
    assert_close(actual, expected, "The last picture must be that of diffusers' loop.", tolerance=1e-3)


@pytest.mark.parametrize(
    ("steps", "mean", "std"), [(10, 0.597529, 0.788152), (50, 1.449647, 0.556631), (1000, 1.99998, 0.500752)]
)
def test_balanced_noise_ends_at_the_moments_of_the_recursion(steps: int, mean: float, std: float) -> None:
    betas = _schedules.make_betas("linear", steps)
    model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5)
    x_T, *noise = exact.balanced_noise(steps + 1, torch.float64)  # noqa: N806
    result = checks("ddpm_sample").on_the_way(model, x_T, betas, torch.stack(noise))[-1]
    assert (float(result.mean()), float(result.std(correction=0))) == pytest.approx((mean, std), abs=1e-6)
    assert ddpm_moments(betas, 2.0, 0.5)[-1] == pytest.approx((mean, std), abs=1e-6)


# --- ddim_sample -------------------------------------------------------------------------------------------------


def assert_ddim_way(scheduler: Any) -> None:
    """Raise unless the solution's loop over the scheduler's timesteps from `X_T` passes through its pictures."""
    model = exact.here(exact.two_modes(scheduler.alphas_cumprod))
    pictures = [X_T]
    for timestep in scheduler.timesteps:
        x = pictures[-1]
        pictures.append(scheduler.step(model(x, timestep), timestep, x).prev_sample)
    assert_far(pictures[-1], X_T, least=0.1)
    actual = way_of(solution("ddim_sample"), model, scheduler.timesteps, scheduler.alphas_cumprod)
    assert_close(actual, torch.stack(pictures), "Every picture on the way must be diffusers'.", tolerance=5e-5)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("trained", "leaps"), [(1000, 2), (1000, 20), (1000, 50), (1000, 200), (100, 5), (50, 50)])
def test_every_leap_is_the_ddim_schedulers(diffusers: Any, trained: int, leaps: int, schedule: str) -> None:
    betas = make_betas(schedule, trained)
    scheduler = diffusers.DDIMScheduler(
        trained, trained_betas=betas.numpy(), clip_sample=False, set_alpha_to_one=True, timestep_spacing="leading"
    )
    scheduler.set_timesteps(leaps)
    assert_ddim_way(scheduler)


@pytest.mark.parametrize("schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize("leaps", [1, 10, 100, 1000])
def test_every_leap_from_the_noisiest_timestep_is_the_ddim_schedulers(
    diffusers: Any, leaps: int, schedule: str
) -> None:
    scheduler = diffusers.DDIMScheduler(
        1000, trained_betas=make_betas(schedule, 1000).numpy(), clip_sample=False, timestep_spacing="trailing"
    )
    scheduler.set_timesteps(leaps)
    assert scheduler.timesteps[0] == 999
    assert_ddim_way(scheduler)


@pytest.mark.parametrize("timesteps", [[999], [900, 400, 350], list(range(980, -1, -20))])
def test_ddim_loop_in_closed_form_is_the_solutions(timesteps: list[int]) -> None:
    alphas_cumprod = make_alphas_cumprod("linear", 1000)
    model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
    arguments = (X_T.double(), torch.tensor(timesteps), alphas_cumprod)
    expected = solution("ddim_sample")(exact.here(model), *arguments)
    actual = checks("ddim_sample").in_closed_form(model, *arguments)[-1]
    assert_close(actual, expected, "The closed form must equal the loop.", tolerance=1e-9)


def test_best_guess_is_what_one_leap_gives() -> None:
    alphas_cumprod = make_alphas_cumprod("linear", 1000)
    model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
    best_guess = checks("ddim_sample").best_guess
    for timestep in (0, 500, 999):
        expected = solution("ddim_sample")(exact.here(model), X_T.double(), torch.tensor([timestep]), alphas_cumprod)
        actual = best_guess(model, X_T.double(), timestep)
        assert_close(actual, expected, "One leap must be the best guess.", tolerance=1e-9)


@pytest.mark.parametrize(("leaps", "mean", "std"), [(10, 1.987699, 0.374128), (50, 1.992740, 0.472439)])
def test_ddim_moments_of_the_checks_are_the_recursions(leaps: int, mean: float, std: float) -> None:
    timesteps = list(range(0, 1000, 1000 // leaps))[::-1]
    alphas_cumprod = make_alphas_cumprod("linear", 1000)
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


ABAR = torch.tensor([0.9, 0.5, 0.2])


@pytest.mark.parametrize(
    "timestep", [1, torch.tensor(1), torch.tensor([1], dtype=torch.int32), np.int64(1), np.array([1])]
)
def test_one_integer_of_any_kind_is_a_timestep(timestep: Any) -> None:
    model = denoiser("gaussian", alphas_cumprod=ABAR, mean=2.0, std=0.5)
    assert torch.equal(model(X_T, timestep), model(X_T, 1))
    exact.assert_timesteps(calls(model), [1, 1], "Once.")


@pytest.mark.parametrize(
    ("timestep", "found"),
    [
        (1.0, "the float 1.0"),
        (True, "the bool True"),
        (None, "of type NoneType"),
        (torch.tensor([1, 1]), "the Tensor [1, 1]"),
        (torch.tensor(1.0), "the Tensor 1.0"),
        (np.float32(1), "the float32 1.0"),
    ],
)
def test_what_is_not_one_integer_is_refused_as_a_timestep(timestep: Any, found: str) -> None:
    model = denoiser("gaussian", alphas_cumprod=ABAR, mean=2.0, std=0.5)
    with pytest.raises(
        TypeError, match=re.escape(f"takes one int as timestep, the same for all of x; this one is {found}.")
    ):
        model(X_T, timestep)


@pytest.mark.parametrize("calls", [[], None, "calls", [3]])
def test_no_calls_are_told(calls: object) -> None:
    assert "never called" in refusal(exact.assert_timesteps, calls, [0], "Once.")


def memory(*sizes: int) -> list[dict[str, Any]]:
    """Return calls of a model with so many bytes alive at each."""
    return [{"live_tensors": 7, "live_bytes": size} for size in sizes]


def test_pictures_that_pile_up_are_refused() -> None:
    text = refusal(exact.assert_steady, memory(*range(240, 528, 24)), X_T)
    assert "as much as 9 pictures" in text
    assert "216 bytes more, in 0 more tensors" in text


def test_memory_of_the_first_steps_and_a_few_more_pictures_are_allowed() -> None:
    exact.assert_steady(memory(*(24 * count for count in (10, 14, 15, 15, 16, 15, 15, 17, 18, 18, 18, 18))), X_T)


def test_numbers_that_pile_up_are_allowed() -> None:
    exact.assert_steady([{"live_tensors": 7 + step, "live_bytes": 96 + 4 * step} for step in range(12)], X_T)


@pytest.mark.parametrize("found", [[], None, memory(*[1] * 5), [{"timestep": 1}] * 12, [{"live_tensors": 1}] * 12])
def test_too_few_counts_are_no_proof(found: object) -> None:
    assert "was called only" in refusal(exact.assert_steady, found, X_T)


def growth(grow: Callable[[list[torch.Tensor]], object]) -> list[int]:
    """Return by how many bytes live tensors grew from one call of a model to the next while `grow` did its work."""
    model = denoiser("gaussian", counts_tensors=True, alphas_cumprod=ABAR, mean=2.0, std=0.5)
    kept = [torch.zeros(2, 3)]
    for _ in range(4):
        model(X_T, 1)
        grow(kept)
    sizes = [call["live_bytes"] for call in calls(model)]
    return [later - sooner for sooner, later in pairwise(sizes)]


def test_bytes_of_a_growing_list_are_seen() -> None:
    assert growth(lambda kept: kept.append(torch.zeros(2, 3))) == [24, 24, 24]


def test_bytes_of_a_growing_tensor_are_seen() -> None:
    assert growth(lambda kept: kept.append(torch.cat([kept.pop(), torch.zeros(2, 3)]))) == [24, 24, 24]


def test_views_take_no_bytes_of_their_own() -> None:
    assert growth(lambda kept: kept.append(kept[0][0])) == [0, 0, 0]


def test_what_was_dropped_in_a_cycle_is_not_alive() -> None:
    def drop(_: list[torch.Tensor]) -> None:
        cycle: list[Any] = [torch.zeros(2, 3)]
        cycle.append(cycle)

    assert growth(drop) == [0, 0, 0]


@pytest.mark.parametrize("name", ["x_T", "step_noise"])
@pytest.mark.parametrize("largest", [torch.finfo(torch.float64).max, 1e7])
def test_noise_with_which_no_run_can_be_made_again_is_refused(name: str, largest: float) -> None:
    betas = torch.full((3,), 0.3, dtype=torch.float64)
    task = _two_runs.Task(exact.two_modes(alpha_bars(betas)), [2], 0, betas, torch.tensor([2, 0]))
    found = {"x_T": torch.zeros(2), "step_noise": torch.zeros(3, 2), "ddpm": torch.zeros(2), "ddim": torch.zeros(2)}
    found = {key: value.double() for key, value in found.items()}
    found[name].view(-1)[0] = -largest
    returned = {**found, "distances": [0.0, 0.0, 0.0]}
    with pytest.raises(CheckFailure, match=f"{name}.*never that large"):
        _two_runs.runs_of(SimpleNamespace(two_runs_from_one_noise=lambda *_: returned), task)
