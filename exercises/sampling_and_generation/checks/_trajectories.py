"""What an experiment on a sampling loop returned, taken apart, and loops whose estimates move enough to be measured."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from hypothesis import assume
from hypothesis import strategies as st

from exercises._shared import _results
from exercises._shared._schedules import LONGEST_FREE, SCHEDULES, alpha_bars, make_betas
from exercises.sampling_and_generation.checks import _denoisers as exact
from grader.checks import assert_like
from grader.checks.strategies import SHAPES, dtypes, random_tensors, seeds, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.checks.strategies import Shape

NAMES = ("noisy", "estimates", "result", "noise_levels", "shares")
# Of an estimate, on the way: where less changes, rounding decides which share of it happened where.
LEAST_CHANGE = 0.05
SHARE_TOLERANCE = 1e-3


class Trajectory(NamedTuple):
    """The results of the experiment for n timesteps: `[n, ...]`, `[n, ...]`, `[...]`, and lists of n and n - 1."""

    noisy: torch.Tensor
    estimates: torch.Tensor
    result: torch.Tensor
    noise_levels: list[float]
    shares: list[float]


def trajectory_of(submission: Any, loop: exact.Implicit) -> Trajectory:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    count = len(loop.timesteps)
    found = _results.entries(submission.denoising_trajectory(*loop), NAMES)
    each = loop.x_T.new_empty(count, *loop.x_T.shape)
    return Trajectory(
        assert_like(found["noisy"], each, what="result['noisy']"),
        assert_like(found["estimates"], each, what="result['estimates']"),
        assert_like(found["result"], loop.x_T, what="result['result']", like="x_T"),
        _results.numbers(found["noise_levels"], count, "result['noise_levels']"),
        _results.numbers(found["shares"], count - 1, "result['shares']"),
    )


def levels(loop: exact.Implicit) -> list[float]:
    """Return the weight of the noise at each timestep of a loop."""
    found: list[float] = (1 - loop.alphas_cumprod.double()[loop.timesteps]).sqrt().tolist()
    return found


def changes(estimates: torch.Tensor) -> list[float]:
    """Return the mean absolute difference of each two neighbours."""
    return [float((later.double() - earlier.double()).abs().mean()) for earlier, later in pairwise(estimates)]


@st.composite
def moving_loops(
    draw: st.DrawFn, *, data: exact.Data = "gaussian", choices: Sequence[Shape] = SHAPES
) -> exact.Implicit:
    """Draw the arguments of a DDIM loop of 2 to 8 timesteps, in which the estimates change by `LEAST_CHANGE` or more.

    The schedule is a short one with large betas, or a long one that is in use.
    """
    kind = draw(st.sampled_from(SCHEDULES))
    length = draw(st.integers(2, LONGEST_FREE)) if kind == "free" else 1000
    chosen = draw(st.sets(st.integers(0, length - 1), min_size=2, max_size=8))
    shape, dtype, seed = draw(shapes(choices)), draw(dtypes()), draw(seeds())
    betas = make_betas(kind, length, seed)
    alphas_cumprod = alpha_bars(betas.clamp(0.05, 0.5) if kind == "free" else betas).to(dtype)
    if data == "mixture":
        model = exact.two_modes(alphas_cumprod)
    else:
        model = exact.gaussian(alphas_cumprod, draw(st.integers(-6, 6)) / 2, draw(st.integers(1, 8)) / 4)
    (x_T,) = random_tensors(1, shape, dtype, seed)  # noqa: N806
    loop = exact.Implicit(model, x_T, torch.tensor(sorted(chosen, reverse=True)), alphas_cumprod)
    assume(sum(changes(_estimates(loop))) >= LEAST_CHANGE)
    return loop


def _estimates(loop: exact.Implicit) -> torch.Tensor:
    """Return the estimates `[n, ...]` on the way, with the noise level as the loop's variable.

    y = x / sqrt(alpha-bar) holds x_0 and noise of the level sigma = sqrt((1 - alpha-bar) / alpha-bar); a leap goes
    along the noise from one level to the next.
    """
    model, left = exact.here(loop.model), loop.alphas_cumprod.double()[loop.timesteps]
    sigmas = torch.cat([((1 - left) / left).sqrt(), torch.zeros(1)])
    y, found = loop.x_T.double() / left[0].sqrt(), []
    for place, timestep in enumerate(loop.timesteps.tolist()):
        predicted = model(left[place].sqrt() * y, timestep)
        found.append(y - sigmas[place] * predicted)
        y = y + (sigmas[place + 1] - sigmas[place]) * predicted
    return torch.stack(found)
