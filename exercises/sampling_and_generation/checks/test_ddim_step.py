"""What one leap of DDIM must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw


def turned_back(x_t, noise_pred, timestep, prev_timestep, alphas_cumprod):
    """Return the same leap by other algebra: cos(prev)/cos(now) * x_t + sin(prev - now)/cos(now) * noise_pred."""
    now = noised.angle(alphas_cumprod)[timestep]
    prev = noised.angle(alphas_cumprod)[prev_timestep] if prev_timestep >= 0 else torch.zeros(())
    result = torch.cos(prev) * x_t.double() + torch.sin(prev - now) * noise_pred.double()
    return (result / torch.cos(now)).to(x_t.dtype)


def test_worked_examples(submission):
    """The function reproduces the worked example of the statement, for all three leaps."""
    for prev_timestep, expected in ((0, 12.4), (-1, 14.0), (1, 10.0)):
        x_t, noise_pred = torch.tensor([10.0]), torch.tensor([2.0])
        actual = submission.ddim_step(x_t, noise_pred, 1, prev_timestep, torch.tensor([0.64, 0.36]))
        sentence = f"The result must be that of the worked example for prev_timestep = {prev_timestep}."
        assert_close(actual, torch.tensor([expected]), sentence, like="x_t")


@settings(max_examples=20)
@given(leap=noised.leaps())
def test_leap_turns_back(submission, leap):
    """A leap turns x_t back from noise towards picture, by the angle between the two timesteps."""
    actual = submission.ddim_step(*leap)
    sentence = "The leap must estimate x_0, and put noise_pred back with the weight that prev_timestep has."
    assert_close(actual, turned_back(*leap), sentence, tolerance=leap.tolerance, like="x_t")


@settings(max_examples=10)
@given(leap=noised.leaps())
def test_last_leap_ends_at_the_estimate(submission, leap):
    """With prev_timestep -1 alpha-bar is 1: the result is the estimate of x_0, without any noise."""
    last = leap._replace(prev_timestep=-1)
    actual = submission.ddim_step(*last)
    sentence = "prev_timestep = -1 stands for alpha-bar = 1, so the result must be the estimate of x_0."
    assert_close(actual, turned_back(*last), sentence, tolerance=leap.tolerance, like="x_t")


@settings(max_examples=10)
@given(case=noised.estimates())
def test_leap_to_the_same_timestep_changes_nothing(submission, case):
    """A leap from a timestep to itself gives x_t again."""
    x_t, noise_pred, timestep, alphas_cumprod = case
    actual = submission.ddim_step(x_t, noise_pred, timestep, timestep, alphas_cumprod)
    sentence = "A leap to the same timestep puts back what it takes away: the result must be x_t."
    assert_close(actual, x_t, sentence, tolerance=case.tolerance, like="x_t")


@settings(max_examples=10)
@given(leap=noised.leaps(least_leap=2), share=st.integers(1, 19))
def test_two_leaps_with_the_true_noise_are_one(submission, leap, share):
    """With the true noise, one leap gives the same result as two leaps with a stop on the way."""
    x_0, noise, timestep, prev_timestep, alphas_cumprod = leap
    phi = noised.angle(alphas_cumprod)[timestep]
    x_t = (torch.cos(phi) * x_0.double() + torch.sin(phi) * noise.double()).to(x_0.dtype)
    rest = prev_timestep + 1 + share * (timestep - prev_timestep - 1) // 20
    halfway = assert_like(submission.ddim_step(x_t, noise, timestep, rest, alphas_cumprod), x_t, like="x_t")
    actual = submission.ddim_step(halfway, noise, rest, prev_timestep, alphas_cumprod)
    prev = noised.angle(alphas_cumprod)[prev_timestep] if prev_timestep >= 0 else torch.zeros(())
    expected = (torch.cos(prev) * x_0.double() + torch.sin(prev) * noise.double()).to(x_0.dtype)
    sentence = (
        f"From timestep {timestep} to {rest} and on to {prev_timestep}, always with the true noise, "
        f"the result must be x_0 noised to {prev_timestep}."
    )
    assert_close(actual, expected, sentence, tolerance=2 * leap.tolerance, like="x_t")


def test_keeps_shape_and_dtype(submission):
    """The result has the shape and the dtype of x_t, whatever they are."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            x_t, noise_pred = draw.random_tensors(2, shape, dtype, seed=0)
            alphas_cumprod = torch.tensor([0.9, 0.5], dtype=dtype)
            for prev_timestep in (0, -1):
                actual = submission.ddim_step(x_t, noise_pred, 1, prev_timestep, alphas_cumprod)
                assert_like(actual, x_t, like="x_t")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    x_t, noise_pred = draw.random_tensors(2, (2, 3), torch.float32, seed=0)
    for prev_timestep in (0, -1):
        leap = noised.Leap(x_t, noise_pred, 1, prev_timestep, torch.tensor([0.9, 0.5]))
        after = submission.ddim_step.called_with(*leap).arguments
        for name, before in leap._asdict().items():
            sentence = f"ddim_step must not change its input {name}: it is needed afterwards."
            assert_equal(after[name], before, sentence, what=f"{name} after the call")
