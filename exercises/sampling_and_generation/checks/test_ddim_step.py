"""What one leap of DDIM must do, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw


def test_worked_examples(submission):
    """The function reproduces the worked example of the statement, for all three leaps."""
    for prev_timestep, expected in ((0, 12.4), (-1, 14.0), (1, 10.0)):
        x_t, noise_pred = torch.tensor([10.0]), torch.tensor([2.0])
        actual = submission.ddim_step(x_t, noise_pred, 1, prev_timestep, torch.tensor([0.64, 0.36]))
        sentence = f"The result must be that of the worked example for prev_timestep = {prev_timestep}."
        assert_close(actual, torch.tensor([expected]), sentence, like="x_t")


@settings(max_examples=20)
@given(case=noised.known_noisings(min_timestep=2), lower=st.integers(0, 99))
def test_leap_turns_back(submission, case, lower):
    """A leap turns x_t back from noise towards picture, by the angle between the two timesteps."""
    noise_pred = case.noise + case.error
    sentence = (
        "x_t was made from a picture and its noise, and noise_pred is that noise plus an error. The leap must lead to "
        "the picture noised to prev_timestep, and carry the error on. "
        "It does if it estimates x_0, and puts noise_pred back with the weight that prev_timestep has."
    )
    for prev_timestep in (case.timestep - 1 - lower % case.timestep, 0):
        actual = submission.ddim_step(case.x_t, noise_pred, case.timestep, prev_timestep, case.alphas_cumprod)
        prev = noised.angle(case.alphas_cumprod)[prev_timestep]
        there = torch.cos(prev) * case.x_0.double() + torch.sin(prev) * case.noise.double()
        expected = there + torch.sin(prev - case.angle) / torch.cos(case.angle) * case.error.double()
        assert_close(actual, expected.to(case.x_t.dtype), sentence, tolerance=2 * case.tolerance, like="x_t")


@settings(max_examples=10)
@given(case=noised.known_noisings(min_timestep=1, later=1) | noised.known_noisings())
def test_last_leap_ends_at_the_estimate(submission, case):
    """With prev_timestep -1 alpha-bar is 1: given the true noise, the result is the clean picture."""
    actual = submission.ddim_step(case.x_t, case.noise, case.timestep, -1, case.alphas_cumprod)
    sentence = (
        "prev_timestep = -1 stands for alpha-bar = 1, so the result must be the estimate of x_0: "
        "the clean picture itself, as noise_pred is the true noise here."
    )
    assert_close(actual, case.x_0, sentence, tolerance=case.tolerance, like="x_t")


@settings(max_examples=10)
@given(case=noised.estimates())
def test_leap_to_the_same_timestep_changes_nothing(submission, case):
    """A leap from a timestep to itself gives x_t again."""
    x_t, noise_pred, timestep, alphas_cumprod = case
    actual = submission.ddim_step(x_t, noise_pred, timestep, timestep, alphas_cumprod)
    sentence = "A leap to the same timestep puts back what it takes away: the result must be x_t."
    assert_close(actual, x_t, sentence, tolerance=case.tolerance, like="x_t")


@settings(max_examples=10)
@given(case=noised.known_noisings(min_timestep=1), share=st.integers(1, 19))
def test_two_leaps_with_the_true_noise_are_one(submission, case, share):
    """With the true noise, two leaps to the clean picture give the same result as one, wherever they stop."""
    rest = share * case.timestep // 20
    halfway = submission.ddim_step(case.x_t, case.noise, case.timestep, rest, case.alphas_cumprod)
    halfway = assert_like(halfway, case.x_t, like="x_t")
    actual = submission.ddim_step(halfway, case.noise, rest, -1, case.alphas_cumprod)
    sentence = (
        f"From timestep {case.timestep} to {rest} and on to -1, both times with the true noise, "
        "the result must be the clean picture."
    )
    assert_close(actual, case.x_0, sentence, tolerance=2 * case.tolerance, like="x_t")


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
