"""What an experiment on a sampling loop must find on pictures of two kinds of pixels, against the reference."""

from hypothesis import given, settings

from exercises._shared import _results
from exercises.sampling_and_generation.checks import _denoisers as exact
from exercises.sampling_and_generation.checks import _trajectories as way
from grader.checks import assert_close

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))


@settings(max_examples=15)
@given(loop=way.moving_loops(data="mixture", choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, loop):
    """On pictures of two kinds of pixels, everything that was measured is what the reference measures."""
    expected = reference.denoising_trajectory(exact.here(loop.model), *loop[1:])
    found = way.trajectory_of(submission, loop)
    for name in ("noisy", "estimates", "result"):
        sentence = f"result['{name}'] must follow the statement, for every picture of the batch."
        assert_close(getattr(found, name), expected[name], sentence, tolerance=loop.tolerance)
    for name in ("noise_levels", "shares"):
        sentence = f"result['{name}'] must follow the statement."
        _results.assert_numbers(getattr(found, name), expected[name], sentence, tolerance=way.SHARE_TOLERANCE)
