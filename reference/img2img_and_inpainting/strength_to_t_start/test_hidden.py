"""What the start of img2img must be for long runs, against the reference."""

from hypothesis import given

from exercises.img2img_and_inpainting.checks import _strengths as draw
from grader.checks import assert_equal


@given(run=draw.runs(longest=1000))
def test_equals_reference_on_long_runs(submission, reference, run):
    """Runs of up to 1000 steps start where the reference starts."""
    expected = reference.strength_to_t_start(*run)
    actual = submission.strength_to_t_start(*run)
    assert_equal(actual, expected, "The rule of the statement must hold for any number of steps.")


@given(run=draw.runs(longest=20))
def test_equals_reference_on_short_runs(submission, reference, run):
    """Runs of few steps, where every index counts, start where the reference starts."""
    expected = reference.strength_to_t_start(*run)
    actual = submission.strength_to_t_start(*run)
    assert_equal(actual, expected, "The rule of the statement must hold for a handful of steps as well.")
