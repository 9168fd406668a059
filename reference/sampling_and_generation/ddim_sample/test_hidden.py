"""What the DDIM loop must do on pictures, on long schedules, and between the timesteps of the list."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _denoisers as exact
from grader.checks import assert_close, assert_like

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))


@settings(max_examples=12)
@given(loop=exact.implicit_loops(data="mixture", longest=1000, choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, loop):
    """Pictures of two kinds of pixels, on schedules of up to 1000 steps, give the reference's result."""
    expected = reference.ddim_sample(exact.here(loop.model), *loop[1:])
    actual = submission.ddim_sample(*loop)
    sentence = "The loop must follow the statement, for every picture of the batch."
    assert_close(actual, expected, sentence, tolerance=loop.tolerance, like="x_T")


@settings(max_examples=10)
@given(loop=exact.implicit_loops(), other=st.integers(1, 99))
def test_other_entries_do_not_matter(submission, loop, other):
    """Only the alpha-bars at the listed timesteps count: the other entries, and how many there are, do not."""
    changed = loop.alphas_cumprod.new_full((len(loop.alphas_cumprod) + 2,), other / 100)
    changed[loop.timesteps] = loop.alphas_cumprod[loop.timesteps]
    expected = assert_like(submission.ddim_sample(*loop), loop.x_T, like="x_T")
    actual = submission.ddim_sample(*loop._replace(alphas_cumprod=changed))
    sentence = "Alpha-bars at timesteps that are not in the list must have no effect."
    assert_close(actual, expected, sentence, tolerance=loop.tolerance, like="x_T")
