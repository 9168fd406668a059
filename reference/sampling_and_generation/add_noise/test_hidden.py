"""What noised pictures must be, on wider draws and against the reference."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_like

PICTURES = ((1, 3, 4, 4), (4, 2, 3, 4), (5, 4, 2, 3))


@settings(max_examples=10)
@given(case=noised.noisings(longest=1000, choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, case):
    """Batches of pictures on schedules of up to 1000 steps give the reference's result."""
    expected = reference.add_noise(*case)
    actual = submission.add_noise(*case)
    sentence = "Every picture must follow the formula of the statement, with its own timestep."
    assert_close(actual, expected, sentence, tolerance=case.tolerance, like="x_0")


@settings(max_examples=10)
@given(case=noised.noisings(), other=st.floats(0.01, 0.99))
def test_other_entries_do_not_matter(submission, case, other):
    """Only the alpha-bars at the timesteps count: the other entries, and how many there are, have no effect."""
    changed = case.alphas_cumprod.new_full((len(case.alphas_cumprod) + 2,), other)
    changed[case.timesteps] = case.alphas_cumprod[case.timesteps]
    expected = assert_like(submission.add_noise(*case), case.x_0, like="x_0")
    actual = submission.add_noise(*case._replace(alphas_cumprod=changed))
    assert_close(actual, expected, "Alpha-bars at other timesteps must have no effect.", like="x_0")


@settings(max_examples=6)
@given(case=noised.noisings())
def test_same_inputs_same_result(submission, case):
    """The same inputs give the same result: all randomness is in the noise that is handed in."""
    first = assert_like(submission.add_noise(*case), case.x_0, like="x_0")
    second = submission.add_noise(*case)
    assert_close(second, first, "Called twice with the same inputs, the result must be the same.", like="x_0")
