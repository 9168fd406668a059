"""What a noise schedule must be, for any number of steps and against the reference."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _steps as draw
from grader.checks import assert_close, assert_like


@settings(max_examples=15)
@given(length=st.integers(2, 1000), schedule=st.sampled_from(("linear", "scaled_linear", "cosine")))
def test_schedule_leaves_what_the_reference_leaves(submission, reference, length, schedule):
    """Schedules of up to 1000 steps leave as much of the picture, at every timestep, as the reference's."""
    expected = reference.noise_schedule(length, schedule)
    actual = assert_like(submission.noise_schedule(length, schedule), expected)
    left = torch.cumprod(1 - actual.double(), dim=0)
    sentence = f'The products of 1 - beta, worked out from the betas of "{schedule}", must be the reference\'s.'
    assert_close(left, torch.cumprod(1 - expected.double(), dim=0), sentence, tolerance=1e-4)


@given(step=draw.steps())
def test_later_betas_do_not_matter(submission, step):
    """alpha-bar_t reads the betas up to t: a schedule cut short gives the same alpha-bars, cut short."""
    whole = assert_like(submission.alphas_cumprod(step.betas), step.betas, like="betas")
    cut = step.timestep + 1
    actual = submission.alphas_cumprod(step.betas[:cut].clone())
    assert_close(actual, whole[:cut], "Betas after the timestep must have no effect on alpha-bar_t.", like="betas")
