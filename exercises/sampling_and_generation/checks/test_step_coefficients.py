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
ROUNDINGS = 8  # of float32, that a correct solution may add up
KNOWN_TO = 1e-5  # the numbers are written with six decimals


def rounding(step):
    """Return how far rounding may take the squares: beta_t as 1 - alpha_t in float32 is off by eps / beta_t."""
    return TOLERANCE + ROUNDINGS * torch.finfo(torch.float32).eps / float(step.betas[step.timestep])


def signed_square(number):
    """Return the square of a number with the sign of the number, so that a wrong sign shows."""
    return number * number.abs()


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
def test_scale_and_noise_coefficient_follow_the_schedule(submission, step):
    """The squares of scale and noise coefficient stand in the right ratio to what the schedule adds and leaves."""
    scale, noise_coefficient, _ = assert_numbers(submission.step_coefficients(step.timestep, step.betas), NAMES)
    betas = step.betas.double()
    beta, left = betas[step.timestep], torch.prod(1 - betas[: step.timestep + 1])
    actual = torch.stack([signed_square(scale) * (1 - beta), signed_square(noise_coefficient / beta) * (1 - left)])
    sentence = (
        "scale squared, times alpha_t, must be 1, and so must noise_coefficient squared, times 1 - alpha-bar_t, "
        "divided by beta_t squared; these two products are compared here."
    )
    assert_close(actual, torch.ones_like(actual), sentence, tolerance=rounding(step))


@settings(max_examples=15)
@given(step=_steps.steps())
def test_sigma_squared_is_beta(submission, step):
    """The spread sigma, squared, is the variance beta_t, at timestep 0 as well."""
    *_, sigma = assert_numbers(submission.step_coefficients(step.timestep, step.betas), NAMES)
    actual = signed_square(sigma) / step.betas[step.timestep].double()
    sentence = "sigma squared must be beta_t, at every timestep; compared here is sigma squared divided by beta_t."
    assert_close(actual, torch.ones_like(actual), sentence, tolerance=rounding(step))


def test_leaves_betas_alone(submission):
    """The betas are the same after the call as before it."""
    betas = torch.tensor([0.1, 0.2, 0.3])
    after = submission.step_coefficients.called_with(1, betas).arguments
    sentence = "step_coefficients must not change its input betas: the next step needs them."
    assert_equal(after["betas"], betas, sentence, what="betas after the call")
