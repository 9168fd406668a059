"""What one reverse step must do, on wider draws and against the reference."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _steps as draw
from grader.checks import assert_close, assert_like

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))


@settings(max_examples=8)
@given(step=draw.steps(longest=1000, choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, step):
    """Batches of pictures on schedules of up to 1000 steps give the reference's result."""
    expected = reference.reverse_step(*step)
    actual = submission.reverse_step(*step)
    sentence = "The step must follow the formula of the statement, for every picture of the batch."
    assert_close(actual, expected, sentence, tolerance=step.tolerance, like="x_t")


@settings(max_examples=6)
@given(step=draw.steps(max_timestep=0, longest=1))
def test_schedule_of_one_step(submission, reference, step):
    """A schedule of a single step works: its first step is its last."""
    expected = reference.reverse_step(*step)
    actual = submission.reverse_step(*step)
    sentence = "With a single beta, alpha-bar_0 is alpha_0 and no noise may be added."
    assert_close(actual, expected, sentence, tolerance=step.tolerance, like="x_t")


@settings(max_examples=6)
@given(step=draw.steps(), later=st.floats(0.01, 0.99))
def test_later_betas_do_not_matter(submission, step, later):
    """The step reads the schedule up to its timestep; what comes after has no effect."""
    changed = step.betas.clone()
    changed[step.timestep + 1 :] = later
    longer = torch.cat([changed, changed.new_full((2,), later)])
    expected = assert_like(submission.reverse_step(*step), step.x_t, like="x_t")
    actual = submission.reverse_step(*step._replace(betas=longer))
    assert_close(actual, expected, "Betas above the timestep must have no effect.", like="x_t")


@settings(max_examples=6)
@given(step=draw.steps())
def test_same_inputs_same_result(submission, step):
    """The same inputs give the same result: all randomness is in z."""
    first = assert_like(submission.reverse_step(*step), step.x_t, like="x_t")
    second = submission.reverse_step(*step)
    assert_close(second, first, "Called twice with the same inputs, the result must be the same.", like="x_t")
