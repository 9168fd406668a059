"""What one reverse step must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises._shared import _schedules
from exercises.sampling_and_generation.checks import _steps
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

# In float32 the rounding of 1 - alpha-bar takes up to 3e-4 of a coefficient where beta is 0.0001.
EXTREME_BETAS = 2e-3


def left_before_and_after(timestep, betas):
    """Return alpha-bar at timestep - 1 (1 at timestep 0) and at the timestep, in float64."""
    return torch.cumprod(torch.cat([torch.ones(1), 1 - betas.double()]), 0)[timestep : timestep + 2]


def test_worked_numbers(submission):
    """The function reproduces the worked example and the known coefficients of small, usual and large betas."""
    one, half = torch.tensor([1.0]), torch.tensor([0.5])
    for timestep, expected in ((1, 1.353959), (0, 0.887426)):
        actual = submission.reverse_step(one, half, timestep, torch.tensor([0.1, 0.2]), one)
        assert_close(
            actual, torch.tensor([expected]), "The result must be that of the worked example in the statement."
        )

    # Three pixels: one holds x_t only, one predicted noise only, one fresh noise only.
    x_t, noise_pred, z = torch.eye(3)
    betas = _schedules.make_betas("linear", 1000).float()
    for timestep, coefficients in (
        (50, [1.000548, -0.006326, 0.033106]),
        (500, [1.005068, -0.010529, 0.100299]),
        (950, [1.009650, -0.019209, 0.137927]),
    ):
        actual = submission.reverse_step(x_t, noise_pred, timestep, betas, z)
        sentence = (
            "With x_t = [1, 0, 0], noise_pred = [0, 1, 0] and z = [0, 0, 1] the result is 1/sqrt(alpha_t), "
            "-beta_t / sqrt(1 - alpha-bar_t) / sqrt(alpha_t) and sqrt(beta_t); "
            f"on the linear schedule of 1000 steps they are known at timestep {timestep}."
        )
        assert_close(actual, torch.tensor(coefficients), sentence)

    # The smallest and the largest betas, each coefficient made large enough to be seen beside the others.
    for schedule, timestep, scales, magnified in (
        ([1e-4, 1.2e-4], 0, [10.0, 1000.0, 1000.0], [10.000500, -10.000500, 0.0]),
        ([1e-4, 1.2e-4], 1, [10.0, 1000.0, 1000.0], [10.000600, -8.091104, 10.954451]),
        ([1e-4, 0.999], 1, [10.0, 10.0, 300.0], [316.227766, -316.069597, 299.849962]),
    ):
        x_t, noise_pred, z = torch.diag(torch.tensor(scales))
        actual = submission.reverse_step(x_t, noise_pred, timestep, torch.tensor(schedule), z)
        sentence = (
            f"With betas {schedule}, x_t, noise_pred and z must have the known coefficients at timestep {timestep}."
        )
        assert_close(actual, torch.tensor(magnified), sentence, tolerance=EXTREME_BETAS)


@settings(max_examples=12)
@given(step=_steps.steps())
def test_picture_without_noise_goes_one_timestep_back(submission, step):
    """A picture in which no noise is seen grows from its size at this timestep to its size at the one before."""
    before, after = left_before_and_after(step.timestep, step.betas)
    x_0, zero = step.x_t, torch.zeros_like(step.x_t)
    shrunk = (after.sqrt() * x_0.double()).to(x_0.dtype)
    actual = submission.reverse_step(*step._replace(x_t=shrunk, noise_pred=zero, z=zero))
    sentence = (
        "With x_t = sqrt(alpha-bar_t) x_0, and neither predicted nor fresh noise, the result must be "
        "sqrt(alpha-bar_{t-1}) x_0 (x_0 itself at timestep 0)."
    )
    assert_close(actual, (before.sqrt() * x_0.double()).to(x_0.dtype), sentence, tolerance=step.tolerance, like="x_t")


@settings(max_examples=12)
@given(step=_steps.steps())
def test_mean_for_pictures_of_spread_1(submission, step):
    """For pictures of mean 0 and spread 1, whose best noise prediction is known, the mean is sqrt(alpha_t) x_t."""
    _, after = left_before_and_after(step.timestep, step.betas)
    x_t = step.x_t
    noise_pred = ((1 - after).sqrt() * x_t.double()).to(x_t.dtype)
    actual = submission.reverse_step(*step._replace(noise_pred=noise_pred, z=torch.zeros_like(x_t)))
    expected = (1 - step.betas[step.timestep]).sqrt() * x_t
    sentence = (
        "For pictures of spread 1 a perfect model predicts noise_pred = sqrt(1 - alpha-bar_t) x_t. "
        "With it, and without fresh noise, the result must be sqrt(alpha_t) x_t."
    )
    assert_close(actual, expected, sentence, tolerance=step.tolerance, like="x_t")


@settings(max_examples=8)
@given(step=_steps.steps(max_timestep=0))
def test_last_step_adds_no_noise(submission, step):
    """At timestep 0 no noise is added: z has no effect."""
    without = submission.reverse_step(*step._replace(z=torch.zeros_like(step.z)))
    expected = assert_like(without, step.x_t, like="x_t")
    actual = submission.reverse_step(*step)
    assert_close(actual, expected, "At timestep 0 the result must not depend on z.", like="x_t")


@settings(max_examples=10)
@given(step=_steps.steps(min_timestep=1))
def test_noise_has_spread_sqrt_beta(submission, step):
    """Above timestep 0 the fresh noise comes in as sqrt(beta_t) z, and in no other way."""
    without, result = (
        assert_like(submission.reverse_step(*each), step.x_t, like="x_t")
        for each in (step._replace(z=torch.zeros_like(step.z)), step)
    )
    sentence = "The result with z, less the result for z = 0, must be sqrt(beta_t) z; this difference is compared here."
    assert_close(result - without, step.betas[step.timestep].sqrt() * step.z, sentence)


def test_keeps_shape_and_dtype(submission):
    """The result has the shape and the dtype of x_t, whatever they are."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            x_t, noise_pred, z = draw.random_tensors(3, shape, dtype, seed=0)
            actual = submission.reverse_step(x_t, noise_pred, 1, torch.tensor([0.1, 0.2], dtype=dtype), z)
            assert_like(actual, x_t, like="x_t")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    x_t, noise_pred, z = draw.random_tensors(3, (2, 3), torch.float32, seed=0)
    for timestep in (0, 1):
        step = _steps.Step(x_t, noise_pred, timestep, torch.tensor([0.1, 0.2]), z)
        after = submission.reverse_step.called_with(*step).arguments
        for name, before in step._asdict().items():
            sentence = f"reverse_step must not change its input {name}: it is needed afterwards."
            assert_equal(after[name], before, sentence, what=f"{name} after the call")
