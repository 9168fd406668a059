"""The exact denoisers against Bayes' rule in three other forms, and the recursions against loops."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal

from grader.workbench.denoisers import KINDS, GaussianDenoiser, MixtureDenoiser, Moments, ddim_moments, ddpm_moments

BETAS = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
ALPHAS_CUMPROD = (1 - BETAS).cumprod(0)
TIMESTEPS = (0, 50, 300, 500, 999)
SIGMAS = 5  # a normal variable is further out once in two million draws

Model = Callable[[Tensor, int], Tensor]

GAUSSIAN = (2.0,), 0.5, (1.0,)
TWO_MODES = (-1.0, 1.0), 0.2, (0.5, 0.5)
UNEVEN = (-1.5, 0.0, 2.0), 0.3, (0.2, 0.5, 0.3)
DATA: dict[str, tuple[Model, tuple[tuple[float, ...], float, tuple[float, ...]]]] = {
    "gaussian": (GaussianDenoiser(ALPHAS_CUMPROD, 2.0, 0.5), GAUSSIAN),
    "two modes": (MixtureDenoiser(ALPHAS_CUMPROD, (-1.0, 1.0), 0.2), TWO_MODES),
    "uneven modes": (MixtureDenoiser(ALPHAS_CUMPROD, *UNEVEN), UNEVEN),
}


@pytest.fixture(params=DATA, scope="module")
def case(request: pytest.FixtureRequest) -> tuple[Model, MixtureSameFamily]:
    """Return an exact denoiser and the distribution of its data."""
    model, (means, std, weights) = DATA[request.param]
    modes = Normal(torch.tensor(means, dtype=torch.float64), torch.full((len(means),), std, dtype=torch.float64))
    return model, MixtureSameFamily(Categorical(torch.tensor(weights, dtype=torch.float64)), modes)


def points(data: MixtureSameFamily, timestep: int) -> Tensor:
    """Return points across and between the modes of x_t, and beyond them, where nearly no data is."""
    abar = ALPHAS_CUMPROD[timestep]
    means = abar.sqrt() * data.component_distribution.mean
    return torch.linspace(float(means.min()) - 3, float(means.max()) + 3, 61, dtype=torch.float64)


@pytest.mark.parametrize("timestep", TIMESTEPS)
def test_prediction_equals_bayes_rule_integrated_numerically(
    case: tuple[Model, MixtureSameFamily], timestep: int
) -> None:
    model, data = case
    abar = ALPHAS_CUMPROD[timestep]
    x = points(data, timestep)
    eps = torch.linspace(-12, 12, 24001, dtype=torch.float64)
    log_joint = data.log_prob((x[:, None] - (1 - abar).sqrt() * eps) / abar.sqrt()) - eps**2 / 2
    posterior = log_joint.softmax(dim=1)  # on an even grid this is the trapezoid rule, the tails being zero

    torch.testing.assert_close(model(x, timestep), posterior @ eps, atol=1e-6, rtol=0)


@pytest.mark.parametrize("timestep", TIMESTEPS)
def test_prediction_is_the_score_of_the_noisy_data(case: tuple[Model, MixtureSameFamily], timestep: int) -> None:
    model, data = case
    abar = ALPHAS_CUMPROD[timestep]
    modes = data.component_distribution
    noisy = Normal(abar.sqrt() * modes.mean, (abar * modes.variance + 1 - abar).sqrt())
    x = points(data, timestep).requires_grad_()
    MixtureSameFamily(data.mixture_distribution, noisy).log_prob(x).sum().backward()

    assert x.grad is not None
    torch.testing.assert_close(model(x.detach(), timestep), -(1 - abar).sqrt() * x.grad, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("timestep", TIMESTEPS)
def test_no_function_of_x_explains_what_the_prediction_leaves(
    case: tuple[Model, MixtureSameFamily], timestep: int
) -> None:
    """The optimum of a regression is where the error is orthogonal to every function of the input."""
    model, data = case
    torch.manual_seed(timestep)
    x_0, eps = data.sample((200_000,)), torch.randn(200_000, dtype=torch.float64)
    abar = ALPHAS_CUMPROD[timestep]
    x_t = abar.sqrt() * x_0 + (1 - abar).sqrt() * eps
    error = eps - model(x_t, timestep)

    for feature in (torch.ones_like(x_t), x_t, x_t**2, x_t.sin(), (3 * x_t).cos(), model(x_t, timestep)):
        product = error * feature
        assert product.mean().abs() <= SIGMAS * product.std() / math.sqrt(len(product))


def test_mixture_of_one_mode_is_the_gaussian() -> None:
    x = torch.linspace(-4, 4, 41, dtype=torch.float64)
    for timestep in TIMESTEPS:
        one_mode = MixtureDenoiser(ALPHAS_CUMPROD, (2.0,), 0.5)(x, timestep)
        torch.testing.assert_close(one_mode, GaussianDenoiser(ALPHAS_CUMPROD, 2.0, 0.5)(x, timestep))


def test_distant_narrow_modes_stay_finite_and_are_told_apart() -> None:
    model = MixtureDenoiser(ALPHAS_CUMPROD, (-1000.0, 1000.0), 0.0)
    noise = torch.tensor([-1.0, 0.5, 2.0])
    abar = ALPHAS_CUMPROD[0].item()
    x_t = math.sqrt(abar) * torch.tensor([1000.0, 1000.0, -1000.0], dtype=torch.float64) + math.sqrt(1 - abar) * noise

    torch.testing.assert_close(model(x_t, 0), noise.double(), atol=1e-6, rtol=0)


def test_far_from_every_mode_the_nearest_one_decides() -> None:
    model = MixtureDenoiser(ALPHAS_CUMPROD, (-1000.0, 1000.0), 0.0)
    x = torch.tensor([300.0, -0.5, -5000.0], dtype=torch.float64)
    nearest = torch.tensor([1000.0, -1000.0, -1000.0], dtype=torch.float64)
    abar = ALPHAS_CUMPROD[0].item()

    torch.testing.assert_close(model(x, 0), (x - math.sqrt(abar) * nearest) / math.sqrt(1 - abar))


def test_kinds_are_made_by_name_from_plain_data() -> None:
    settings: dict[str, Any] = {"alphas_cumprod": ALPHAS_CUMPROD, "std": 0.5}
    x = torch.tensor([-1.0, 0.0, 1.5])

    assert torch.equal(KINDS["gaussian"](mean=2.0, **settings)(x, 500), GaussianDenoiser(mean=2.0, **settings)(x, 500))
    assert torch.equal(
        KINDS["mixture"](means=[-1.0, 1.0], **settings)(x, 500),
        MixtureDenoiser(means=(-1.0, 1.0), **settings)(x, 500),
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("model", [model for model, _ in DATA.values()], ids=list(DATA))
def test_prediction_has_shape_and_dtype_of_the_input(model: Model, dtype: torch.dtype) -> None:
    x = torch.linspace(-2, 2, 24, dtype=dtype).view(2, 3, 4, 1)
    noise_pred = model(x, 500)

    assert (noise_pred.shape, noise_pred.dtype) == (x.shape, dtype)
    torch.testing.assert_close(noise_pred.double(), model(x.double(), 500), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("timestep", [-1, 1000])
@pytest.mark.parametrize("model", [model for model, _ in DATA.values()], ids=list(DATA))
def test_timestep_outside_the_schedule_is_refused(model: Model, timestep: int) -> None:
    with pytest.raises(ValueError, match=f"The timestep is {timestep}; this schedule has 0 to 999"):
        model(torch.zeros(3), timestep)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GaussianDenoiser(ALPHAS_CUMPROD, 0.0, -0.5), "std is -0.5"),
        (lambda: MixtureDenoiser(ALPHAS_CUMPROD, (0.0,), -0.5), "std is -0.5"),
        (lambda: MixtureDenoiser(ALPHAS_CUMPROD, (), 0.5), "means is empty"),
        (lambda: MixtureDenoiser(ALPHAS_CUMPROD, (-1.0, 1.0), 0.5, (1.0,)), "1 weights for 2 means"),
        (lambda: MixtureDenoiser(ALPHAS_CUMPROD, (-1.0, 1.0), 0.5, (1.0, 0.0)), "A weight is 0.0"),
    ],
)
def test_impossible_data_is_refused(make: Callable[[], Model], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def ddpm_step(x: Tensor, noise_pred: Tensor, timestep: int, betas: Tensor, z: Tensor) -> Tensor:
    beta, abar = betas[timestep], (1 - betas).cumprod(0)[timestep]
    mean = (x - beta / (1 - abar).sqrt() * noise_pred) / (1 - beta).sqrt()
    return mean + beta.sqrt() * z if timestep > 0 else mean


def ddim_step(x: Tensor, noise_pred: Tensor, abar: Tensor, abar_prev: Tensor) -> Tensor:
    x_0 = (x - (1 - abar).sqrt() * noise_pred) / abar.sqrt()
    return abar_prev.sqrt() * x_0 + (1 - abar_prev).sqrt() * noise_pred


def ddim_loop(model: Model, x: Tensor, timesteps: list[int], alphas_cumprod: Tensor) -> list[Tensor]:
    """Return x after every leap; the last goes to alpha-bar 1."""
    after = []
    abars = torch.cat([alphas_cumprod[timesteps], torch.ones(1, dtype=torch.float64)])
    for index, timestep in enumerate(timesteps):
        x = ddim_step(x, model(x, timestep), abars[index], abars[index + 1])
        after.append(x)
    return after


def moments_of(x: Tensor) -> Moments:
    return Moments(x.mean().item(), x.std(correction=0).item())


@pytest.mark.parametrize(
    ("steps", "mean", "std"), [(10, 0.60, 0.79), (50, 1.45, 0.56), (200, 1.93, 0.50), (1000, 2.00, 0.50)]
)
def test_ddpm_ends_at_the_numbers_the_course_states(steps: int, mean: float, std: float) -> None:
    betas = torch.linspace(1e-4, 0.02, steps, dtype=torch.float64)

    assert ddpm_moments(betas, 2.0, 0.5)[-1] == pytest.approx((mean, std), abs=0.005)


@pytest.mark.parametrize("steps", [1, 2, 10, 50, 1000])
def test_ddpm_moments_are_those_of_the_step_on_points_of_equal_moments(steps: int) -> None:
    """Two points at mean -/+ std and noise of -1 and 1 have the moments of the real thing, and the step is affine."""
    betas = torch.linspace(1e-4, 0.02, steps, dtype=torch.float64)
    model = GaussianDenoiser((1 - betas).cumprod(0), 2.0, 0.5)
    mean, std = 0.0, 1.0
    z = torch.tensor([-1.0, 1.0, -1.0, 1.0], dtype=torch.float64)
    expected = []
    for timestep in reversed(range(steps)):
        x = torch.tensor([mean - std, mean - std, mean + std, mean + std], dtype=torch.float64)
        mean, std = moments_of(ddpm_step(x, model(x, timestep), timestep, betas, z))
        expected.append((mean, std))

    torch.testing.assert_close(torch.tensor(ddpm_moments(betas, 2.0, 0.5)), torch.tensor(expected))


@pytest.mark.parametrize("timesteps", [[999], [999, 400], list(range(980, -1, -20)), list(range(999, -1, -1))])
def test_ddim_moments_are_those_of_the_loop_on_points_of_equal_moments(timesteps: list[int]) -> None:
    """The loop is affine, so two points of mean 0 and spread 1 end at exactly the moments."""
    model = GaussianDenoiser(ALPHAS_CUMPROD, 2.0, 0.5)
    start = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    expected = [moments_of(x) for x in ddim_loop(model, start, timesteps, ALPHAS_CUMPROD)]

    actual = ddim_moments(timesteps, ALPHAS_CUMPROD, 2.0, 0.5)
    torch.testing.assert_close(torch.tensor(actual), torch.tensor(expected))


def test_ddpm_moments_are_those_of_many_samples() -> None:
    betas = torch.linspace(1e-4, 0.02, 50, dtype=torch.float64)
    model = GaussianDenoiser((1 - betas).cumprod(0), 2.0, 0.5)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(100_000, generator=generator, dtype=torch.float64)
    for timestep, expected in zip(reversed(range(50)), ddpm_moments(betas, 2.0, 0.5), strict=True):
        z = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        x = ddpm_step(x, model(x, timestep), timestep, betas, z)
        standard_error = expected.std / math.sqrt(len(x))
        assert x.mean().item() == pytest.approx(expected.mean, abs=SIGMAS * standard_error)
        assert x.std().item() == pytest.approx(expected.std, abs=SIGMAS * standard_error / math.sqrt(2))


def test_long_ddim_loop_ends_at_the_data() -> None:
    moments = ddim_moments(list(range(999, -1, -1)), ALPHAS_CUMPROD, 2.0, 0.5)

    # From N(0, 1) for N(0.0127, 0.99997^2), so not at the data to the last digit.
    assert moments[-1] == pytest.approx((2.0, 0.5), abs=0.02)


def test_ddim_refuses_a_timestep_outside_the_schedule() -> None:
    with pytest.raises(ValueError, match="The timestep is 1000; this schedule has 0 to 999"):
        ddim_moments([1000, 500], ALPHAS_CUMPROD, 2.0, 0.5)


def between_the_modes(x: Tensor) -> float:
    """Return the share of x nearer to the middle than to either of the modes -1 and 1."""
    return (x.abs() < 0.5).double().mean().item()


@pytest.fixture(scope="module")
def short() -> tuple[MixtureDenoiser, Tensor]:
    """Return two-mode data and a schedule of 200 steps that reaches nearly pure noise."""
    betas = torch.linspace(5e-4, 0.1, 200, dtype=torch.float64)
    return MixtureDenoiser((1 - betas).cumprod(0), (-1.0, 1.0), 0.1), betas


def x_T() -> Tensor:  # noqa: N802, the paper's name
    return torch.randn(20_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_one_shot_estimates_pile_up_between_the_modes(short: tuple[MixtureDenoiser, Tensor]) -> None:
    model, _ = short
    x_0 = ddim_loop(model, x_T(), [199], model.alphas_cumprod)[-1]

    assert between_the_modes(x_0) > 0.99


def test_ddim_samples_lie_at_the_modes(short: tuple[MixtureDenoiser, Tensor]) -> None:
    model, _ = short
    x_0 = ddim_loop(model, x_T(), list(range(199, -1, -1)), model.alphas_cumprod)[-1]

    assert between_the_modes(x_0) < 0.01
    assert (x_0 > 0).double().mean().item() == pytest.approx(0.5, abs=SIGMAS * 0.5 / math.sqrt(len(x_0)))


def test_ddpm_samples_lie_at_the_modes(short: tuple[MixtureDenoiser, Tensor]) -> None:
    model, betas = short
    x, generator = x_T(), torch.Generator().manual_seed(2)
    for timestep in reversed(range(200)):
        z = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        x = ddpm_step(x, model(x, timestep), timestep, betas, z)

    assert between_the_modes(x) < 0.01
    assert (x > 0).double().mean().item() == pytest.approx(0.5, abs=SIGMAS * 0.5 / math.sqrt(len(x)))
