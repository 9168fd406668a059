"""What the numbers of a reverse step must be, on long schedules and against the reference."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _steps as draw
from exercises.sampling_and_generation.checks._noising import assert_numbers
from grader.checks import assert_close

NAMES = ("scale", "noise_coefficient", "sigma")
TOLERANCE = 5e-5


@settings(max_examples=15)
@given(step=draw.steps(longest=1000))
def test_equals_reference_on_long_schedules(submission, reference, step):
    """Schedules of up to 1000 steps give the reference's numbers."""
    expected = assert_numbers(reference.step_coefficients(step.timestep, step.betas), NAMES)
    actual = assert_numbers(submission.step_coefficients(step.timestep, step.betas), NAMES)
    sentence = "scale, noise_coefficient and sigma must follow the formulas of the statement."
    assert_close(actual, expected, sentence, tolerance=TOLERANCE)


@settings(max_examples=10)
@given(step=draw.steps(), later=st.floats(0.01, 0.99))
def test_later_betas_do_not_matter(submission, step, later):
    """The numbers read the schedule up to their timestep; what comes after has no effect."""
    changed = torch.cat([step.betas[: step.timestep + 1], step.betas.new_full((3,), later)])
    expected = assert_numbers(submission.step_coefficients(step.timestep, step.betas), NAMES)
    actual = assert_numbers(submission.step_coefficients(step.timestep, changed), NAMES)
    assert_close(actual, expected, "Betas above the timestep must have no effect.", tolerance=TOLERANCE)
