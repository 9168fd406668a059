"""What an experiment with two samplers returned, taken apart, and both runs made again from the noise in it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from hypothesis import strategies as st

from exercises._shared import _results
from exercises._shared._schedules import LONGEST_FREE, alpha_bars, make_betas
from exercises.sampling_and_generation.checks import _denoisers as exact
from grader.checks import CheckFailure, assert_like
from grader.checks.assertions import TOLERANCES
from grader.checks.strategies import SHAPES, dtypes, seeds, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.checks.strategies import Shape
    from grader.sandbox.wire.handles import Handle

NAMES = ("x_T", "step_noise", "ddpm", "ddim", "distances")
LARGEST_NOISE = 1e6  # both runs are made again from the noise; with numbers near the dtype's limit they would overflow


class Task(NamedTuple):
    """The arguments of the experiment: an exact `model`, a shape, a seed, `betas` `[T]`, `timesteps` from T - 1 on."""

    model: Handle
    shape: list[int]
    seed: int
    betas: torch.Tensor
    timesteps: torch.Tensor

    @property
    def tolerance(self) -> float:
        """How far rounding may take two correct loops, coefficients in float32 included."""
        signal = float(alpha_bars(self.betas)[-1]) ** 0.5
        smallest = min(signal, float(self.betas[0]))
        return TOLERANCES[self.betas.dtype] + exact.ROUNDINGS * torch.finfo(torch.float32).eps / smallest  # type: ignore[no-any-return]


class Apart(NamedTuple):
    """The five results of the experiment: `[...]`, `[T, ...]`, `[...]`, `[...]`, and a list of n + 1."""

    x_T: torch.Tensor  # noqa: N815 - the field's name for it
    step_noise: torch.Tensor
    ddpm: torch.Tensor
    ddim: torch.Tensor
    distances: list[float]


def runs_of(submission: Any, task: Task) -> Apart:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.two_runs_from_one_noise(*task), NAMES)
    picture = task.betas.new_empty(task.shape)
    steps = task.betas.new_empty(len(task.betas), *task.shape)
    return Apart(
        _noise_like(found["x_T"], picture, what="result['x_T']"),
        _noise_like(found["step_noise"], steps, what="result['step_noise']"),
        assert_like(found["ddpm"], picture, what="result['ddpm']"),
        assert_like(found["ddim"], picture, what="result['ddim']"),
        _results.numbers(found["distances"], len(task.timesteps) + 1, "result['distances']"),
    )


def _noise_like(actual: object, example: torch.Tensor, *, what: str) -> torch.Tensor:
    __tracebackhide__ = True
    noise = assert_like(actual, example, what=what)
    found = float(noise.abs().max()) if noise.numel() else 0.0
    if found > LARGEST_NOISE:
        raise CheckFailure(
            f"{what} must be standard normal noise, which is never that large.",
            expected="numbers around 0 that are rarely larger than 4",
            actual=f"numbers up to {found:.3g}",
        )
    return noise


def ddpm_again(task: Task, found: Apart) -> list[torch.Tensor]:
    """Return DDPM's picture before each of the task's timesteps, and its result, from the noise that was returned.

    The mean of a step is the posterior's, a weighted mean of the estimate and the picture (Ho et al., equation 7).
    """
    model, betas, left = exact.here(task.model), task.betas.double(), alpha_bars(task.betas)
    left_before = torch.cat([torch.ones(1, dtype=torch.float64), left[:-1]])
    x, held = found.x_T.double(), {}
    for t in range(len(betas) - 1, -1, -1):
        held[t] = x
        estimate = (x - (1 - left[t]).sqrt() * model(x, t)) / left[t].sqrt()
        of_estimate, of_picture = left_before[t].sqrt() * betas[t], (1 - betas[t]).sqrt() * (1 - left_before[t])
        x = (of_estimate * estimate + of_picture * x) / (1 - left[t])
        if t > 0:
            x = x + betas[t].sqrt() * found.step_noise[t].double()
    return [*(held[t] for t in task.timesteps.tolist()), x]


def ddim_again(task: Task, found: Apart) -> list[torch.Tensor]:
    """Return DDIM's picture before each of the task's timesteps, and its result, from the x_T that was returned."""
    model, left = exact.here(task.model), alpha_bars(task.betas)[task.timesteps]
    sigmas = torch.cat([((1 - left) / left).sqrt(), torch.zeros(1, dtype=torch.float64)])
    weights = torch.cat([left, torch.ones(1, dtype=torch.float64)]).sqrt()
    y, pictures = found.x_T.double() / weights[0], [found.x_T.double()]
    for place, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        y = y + (sigma_next - sigma) * model(weights[place] * y, int(task.timesteps[place]))
        pictures.append(weights[place + 1] * y)
    return pictures


@st.composite
def tasks(draw: st.DrawFn, *, data: exact.Data = "gaussian", choices: Sequence[Shape] = SHAPES) -> Task:
    """Draw the arguments of an experiment on a short schedule with large betas."""
    length, seed = draw(st.integers(2, LONGEST_FREE)), draw(seeds())
    shape, dtype = draw(shapes(choices)), draw(dtypes())
    betas = make_betas("free", length, seed).clamp(0.05, 0.5).to(dtype)
    left = alpha_bars(betas)
    if data == "mixture":
        model = exact.two_modes(left)
    else:
        model = exact.gaussian(left, draw(st.integers(-6, 6)) / 2, draw(st.integers(1, 8)) / 4)
    later = draw(st.sets(st.integers(0, length - 2)))
    return Task(model, list(shape), seed, betas, torch.tensor([length - 1, *sorted(later, reverse=True)]))
