"""What the numbers of a reverse step must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises._shared import _schedules
from exercises.sampling_and_generation.checks import _steps
from exercises.sampling_and_generation.checks._noising import assert_numbers
from grader.checks import assert_close, assert_equal

NAMES = ("scale", "noise_coefficient", "sigma")
# In float32 the rounding of 1 - alpha-bar takes up to 6e-6 of a coefficient where beta is 0.0001.
TOLERANCE = 5e-5
KNOWN_TO = 1e-5  # the numbers are written with six decimals


def weights_of_the_mean(timestep, betas):
    """Return scale and noise coefficient by other algebra: from the mean of x_{t-1} given x_t and the estimate of x_0.

    That mean is x_0_weight * x_0 + x_t_weight * x_t, with x_0 = (x_t - sqrt(1 - after) noise_pred) / sqrt(after).
    """
    beta = betas[timestep].double()
    before, after = torch.cumprod(torch.cat([torch.ones(1), 1 - betas.double()]), 0)[timestep : timestep + 2]
    x_0_weight = before.sqrt() * beta / (1 - after)
    x_t_weight = (1 - beta).sqrt() * (1 - before) / (1 - after)
    scale = x_t_weight + x_0_weight / after.sqrt()
    return torch.stack([scale, x_0_weight * (1 - after).sqrt() / after.sqrt() / scale])


def test_worked_examples(submission):
    """The function reproduces the worked example of the statement, at both timesteps."""
    for timestep, expected in ((1, (1.118034, 0.377964, 0.447214)), (0, (1.054093, 0.316228, 0.316228))):
        actual = assert_numbers(submission.step_coefficients(timestep, torch.tensor([0.1, 0.2])), NAMES)
        sentence = f"With betas [0.1, 0.2] the three numbers at timestep {timestep} must be those of the statement."
        assert_close(actual, torch.tensor(expected).double(), sentence, tolerance=TOLERANCE)


def test_known_numbers_of_the_linear_schedule(submission):
    """On the linear schedule of 1000 steps the numbers at timesteps 50, 500 and 950 are known."""
    betas = _schedules.make_betas("linear", 1000).float()
    for timestep, expected in (
        (50, (1.000548, 0.006323, 0.033106)),
        (500, (1.005068, 0.010476, 0.100299)),
        (950, (1.009650, 0.019025, 0.137927)),
    ):
        actual = assert_numbers(submission.step_coefficients(timestep, betas), NAMES)
        sentence = f"On the linear schedule the numbers at timestep {timestep} must have the known values."
        assert_close(actual, torch.tensor(expected).double(), sentence, tolerance=KNOWN_TO)


@settings(max_examples=15)
@given(step=_steps.steps())
def test_scale_and_noise_coefficient_make_the_mean(submission, step):
    """The mean of x_{t-1}, given x_t and the estimate of x_0, is scale * (x_t - noise_coefficient * noise_pred)."""
    actual = assert_numbers(submission.step_coefficients(step.timestep, step.betas), NAMES)
    sentence = "scale must be 1 / sqrt(alpha_t), and noise_coefficient beta_t / sqrt(1 - alpha-bar_t)."
    assert_close(actual[:2], weights_of_the_mean(step.timestep, step.betas), sentence, tolerance=TOLERANCE)


@settings(max_examples=15)
@given(step=_steps.steps())
def test_sigma_is_the_root_of_beta(submission, step):
    """The spread sigma is the square root of beta_t, at timestep 0 as well."""
    actual = assert_numbers(submission.step_coefficients(step.timestep, step.betas), NAMES)
    expected = step.betas[step.timestep : step.timestep + 1].double() ** 0.5
    assert_close(actual[2:], expected, "sigma must be sqrt(beta_t), at every timestep.", tolerance=TOLERANCE)


def test_leaves_betas_alone(submission):
    """The betas are the same after the call as before it."""
    betas = torch.tensor([0.1, 0.2, 0.3])
    after = submission.step_coefficients.called_with(1, betas).arguments
    sentence = "step_coefficients must not change its input betas: the next step needs them."
    assert_equal(after["betas"], betas, sentence, what="betas after the call")
