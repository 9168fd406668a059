"""What the start of img2img must be, on long schedules and against the reference."""

from hypothesis import given, settings

from exercises.img2img_and_inpainting.checks import _starts as draw
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks.assertions import assert_items

NAMES = ("z_start", "remaining_timesteps")
BATCHES = ((2, 4, 4, 4), (3, 1, 2, 5))


@given(start=draw.starts(longest=1000, steps=60, choices=BATCHES))
def test_equals_reference_on_long_schedules(submission, reference, start):
    """Up to 60 of up to 1000 training timesteps, spaced in any way, give the reference's start."""
    expected, timesteps = reference.noise_to_start(**start.arguments)
    z_start, remaining = assert_items(submission.noise_to_start(**start.arguments), NAMES)
    sentence = "The start must follow the statement, with the noise of the first timestep that runs."
    assert_close(z_start, expected, sentence, tolerance=start.tolerance, like="z_0")
    sentence = "As many of the last timesteps must remain as the strength says."
    assert_equal(remaining, timesteps, sentence, what="remaining_timesteps")


@settings(max_examples=10)
@given(start=draw.starts(choices=((2, 3, 2, 2),)))
def test_same_inputs_same_start(submission, start):
    """The same inputs give the same start, and every picture gives the same result alone as in the batch."""
    first, _ = assert_items(submission.noise_to_start(**start.arguments), NAMES)
    first = assert_like(first, start.z_0, like="z_0")
    alone = start._replace(z_0=start.z_0[1:], noise=start.noise[1:])
    second, _ = assert_items(submission.noise_to_start(**alone.arguments), NAMES)
    assert_close(second, first[1:], "The second picture must start alone as it does in the batch.", like="z_0")
