"""Exact denoisers: the best noise prediction there is, for data whose distribution is known.

Every element of the data is drawn on its own from one distribution, so pictures of any shape will do. A sampling loop
around such a model has statistics that can be computed, which is what checks compare with: a wrong loop cannot hide
behind a badly trained network.

Sources: Efron, "Tweedie's Formula and Selection Bias" (2011); Ho et al., "Denoising Diffusion Probabilistic Models"
(2020), algorithm 2; Song et al., "Denoising Diffusion Implicit Models" (2021), equation 12.
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class GaussianDenoiser:
    """The optimal noise prediction for data N(mean, std^2), the same for every element.

        E[eps | x_t] = sqrt(1 - abar) (x_t - sqrt(abar) mean) / (abar std^2 + 1 - abar)

    `alphas_cumprod` is `[T]`, strictly between 0 and 1; `std` is 0 or more. Called as `model(x, timestep)`: `x` is a
    floating-point tensor of any shape, `timestep` an int from 0 to T - 1; the result has the shape, dtype and device
    of `x`. Raises ValueError for a negative `std` and for a timestep outside the schedule.
    """

    alphas_cumprod: Tensor
    mean: float
    std: float

    def __post_init__(self) -> None:
        _require_spread(self.std)

    def __call__(self, x: Tensor, timestep: int) -> Tensor:
        """Return E[eps | x_t = x], like `x`."""
        alpha_bar = _alpha_bar(self.alphas_cumprod, timestep)
        slope, offset = _gaussian_line(alpha_bar, self.mean, self.std)
        return slope * x + offset


@dataclass(frozen=True, eq=False)
class MixtureDenoiser:
    """The optimal noise prediction for data from several narrow modes, sum over k of w_k N(m_k, std^2), elementwise.

        E[eps | x_t] = sqrt(1 - abar) (x_t - sqrt(abar) sum_k r_k m_k) / d,    d = abar std^2 + 1 - abar
        r_k = softmax_k(log w_k - (x_t - sqrt(abar) m_k)^2 / (2 d))

    r_k is the probability that x_t came from mode k. `means` holds the m_k, `weights` the w_k: positive, equal if not
    given, and they need not sum to 1. The rest is as in `GaussianDenoiser`. Raises ValueError besides if there are no
    means, or weights of another number or not above 0.
    """

    alphas_cumprod: Tensor
    means: Sequence[float]
    std: float
    weights: Sequence[float] | None = None

    def __post_init__(self) -> None:
        _require_spread(self.std)
        if not self.means:
            raise ValueError("means is empty: a mixture needs at least one mode.")
        if self.weights is not None and len(self.weights) != len(self.means):
            raise ValueError(f"There are {len(self.weights)} weights for {len(self.means)} means; give one for each.")
        if self.weights is not None and min(self.weights) <= 0:
            raise ValueError(f"A weight is {min(self.weights)}; weights must be above 0.")

    def __call__(self, x: Tensor, timestep: int) -> Tensor:
        """Return E[eps | x_t = x], like `x`."""
        alpha_bar = _alpha_bar(self.alphas_cumprod, timestep)
        variance = alpha_bar * self.std**2 + 1 - alpha_bar
        # In double: where the modes lie many spreads apart, float32 rounds the exponents by more than 1.
        points = x.double().unsqueeze(-1)
        means = torch.tensor(self.means, dtype=torch.float64, device=x.device)
        weights = torch.tensor(self.weights or [1.0] * len(self.means), dtype=torch.float64, device=x.device)
        exponents = weights.log() - (points - math.sqrt(alpha_bar) * means).square() / (2 * variance)
        expected_mean = (exponents.softmax(dim=-1) * means).sum(dim=-1)
        noise_pred = math.sqrt(1 - alpha_bar) / variance * (points.squeeze(-1) - math.sqrt(alpha_bar) * expected_mean)
        return noise_pred.to(x.dtype)


KINDS: dict[str, Callable[..., Callable[[Tensor, int], Tensor]]] = {
    "gaussian": GaussianDenoiser,
    "mixture": MixtureDenoiser,
}


class Moments(NamedTuple):
    """Mean and standard deviation of every element."""

    mean: float
    std: float


START = Moments(0.0, 1.0)


def ddpm_moments(betas: Tensor, mean: float, std: float) -> list[Moments]:
    """Mean and spread after every DDPM step, from N(0, 1), when the data is N(mean, std^2) and the model is exact.

        x_{t-1} = (x_t - beta / sqrt(1 - abar) eps(x_t)) / sqrt(1 - beta) + sqrt(beta) z,    z = 0 at timestep 0

    eps is a line in x_t (see `GaussianDenoiser`), so every step is x_{t-1} = gain x_t + shift + sigma z: the mean
    follows gain mean + shift, and the variance gain^2 variance + sigma^2. `betas` is `[T]`, in (0, 1). The result has
    T entries, in the order of the loop: the first is after timestep T - 1, the last after timestep 0. Loops of few
    steps end far from the data: for betas evenly spaced from 1e-4 to 0.02 and data N(2, 0.5^2), the loop ends at mean
    0.60 and spread 0.79 for T = 10, at 1.45 and 0.56 for T = 50, at 2.00 and 0.501 for T = 1000.
    """
    betas = betas.double()
    alphas_cumprod = (1 - betas).cumprod(dim=0)
    moments = [START]
    for timestep in reversed(range(len(betas))):
        beta, alpha_bar = betas[timestep].item(), alphas_cumprod[timestep].item()
        scale = 1 / math.sqrt(1 - beta)
        noise_scale = -scale * beta / math.sqrt(1 - alpha_bar)
        sigma = math.sqrt(beta) if timestep else 0.0
        moments.append(_after_step(moments[-1], scale, noise_scale, sigma, _gaussian_line(alpha_bar, mean, std)))
    return moments[1:]


def ddim_moments(timesteps: Sequence[int], alphas_cumprod: Tensor, mean: float, std: float) -> list[Moments]:
    """Mean and spread after every DDIM leap, from N(0, 1), when the data is N(mean, std^2) and the model is exact.

        x_prev = sqrt(abar_prev) (x_t - sqrt(1 - abar) eps(x_t)) / sqrt(abar) + sqrt(1 - abar_prev) eps(x_t)

    `timesteps` are ints in the order of the loop, each leaping to the next and the last to alpha-bar 1;
    `alphas_cumprod` is `[T]`, strictly between 0 and 1. The result has one entry a timestep. Raises ValueError for a
    timestep outside the schedule.
    """
    alpha_bars = [_alpha_bar(alphas_cumprod, timestep) for timestep in timesteps]
    moments = [START]
    for alpha_bar, alpha_bar_prev in pairwise([*alpha_bars, 1.0]):
        scale = math.sqrt(alpha_bar_prev / alpha_bar)
        noise_scale = math.sqrt(1 - alpha_bar_prev) - scale * math.sqrt(1 - alpha_bar)
        moments.append(_after_step(moments[-1], scale, noise_scale, 0.0, _gaussian_line(alpha_bar, mean, std)))
    return moments[1:]


def _after_step(moments: Moments, scale: float, noise_scale: float, sigma: float, line: tuple[float, float]) -> Moments:
    """Return the moments after x -> scale x + noise_scale (slope x + offset) + sigma z."""
    slope, offset = line
    gain = scale + noise_scale * slope
    return Moments(gain * moments.mean + noise_scale * offset, math.hypot(gain * moments.std, sigma))


def _gaussian_line(alpha_bar: float, mean: float, std: float) -> tuple[float, float]:
    """Return slope and offset of the noise prediction for Gaussian data."""
    slope = math.sqrt(1 - alpha_bar) / (alpha_bar * std**2 + 1 - alpha_bar)
    return slope, -slope * math.sqrt(alpha_bar) * mean


def _alpha_bar(alphas_cumprod: Tensor, timestep: int) -> float:
    # Without this, timestep -1 would quietly be the noisiest one.
    if not 0 <= operator.index(timestep) < len(alphas_cumprod):
        raise ValueError(f"The timestep is {timestep}; this schedule has 0 to {len(alphas_cumprod) - 1}.")
    return float(alphas_cumprod[timestep])


def _require_spread(std: float) -> None:
    if std < 0:
        raise ValueError(f"std is {std}; a spread must be 0 or more.")
