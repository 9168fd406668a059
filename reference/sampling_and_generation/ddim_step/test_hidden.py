"""What one leap of DDIM must do, on wider draws and against the reference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_like
from reference.sampling_and_generation._real import assert_run_ends_right

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))


@settings(max_examples=15)
@given(leap=noised.leaps(least_leap=0, longest=1000, choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, leap):
    """Pictures on schedules of up to 1000 steps, with leaps of any length, give the reference's result."""
    expected = reference.ddim_step(*leap)
    actual = submission.ddim_step(*leap)
    sentence = "The leap must follow the formula of the statement, however far it goes."
    assert_close(actual, expected, sentence, tolerance=leap.tolerance, like="x_t")


@settings(max_examples=10)
@given(leap=noised.leaps(lowest=1) | noised.leaps(), other=st.floats(0.01, 0.99))
def test_other_entries_do_not_matter(submission, leap, other):
    """Only the alpha-bars at the two timesteps count: the other entries, and how many there are, have no effect."""
    changed = leap.alphas_cumprod.new_full((len(leap.alphas_cumprod) + 2,), other)
    for timestep in (leap.timestep, max(leap.prev_timestep, 0)):
        changed[timestep] = leap.alphas_cumprod[timestep]
    expected = assert_like(submission.ddim_step(*leap), leap.x_t, like="x_t")
    actual = submission.ddim_step(*leap._replace(alphas_cumprod=changed))
    sentence = "Alpha-bars at other timesteps must have no effect."
    assert_close(actual, expected, sentence, tolerance=leap.tolerance, like="x_t")


@settings(max_examples=10)
@given(leap=noised.leaps(lowest=0) | noised.leaps())
def test_same_inputs_same_result(submission, leap):
    """The same inputs give the same result: the leap draws no noise."""
    first = assert_like(submission.ddim_step(*leap), leap.x_t, like="x_t")
    second = submission.ddim_step(*leap)
    assert_close(second, first, "Called twice with the same inputs, the result must be the same.", like="x_t")


@pytest.mark.tier("gpu")
def test_leaps_of_a_real_run(submission, judge_sd):
    """On a real model, a whole run of these leaps, with guidance, ends where diffusers' pipeline does."""
    sentence = "A run of four leaps on the real model must end with the latents of StableDiffusionPipeline under DDIM."
    assert_run_ends_right(judge_sd, sentence, step=submission.ddim_step)
