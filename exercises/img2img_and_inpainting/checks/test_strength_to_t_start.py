"""What the start of img2img must be, checked by exact arithmetic without knowing a solution."""

from hypothesis import given
from hypothesis import strategies as st

from exercises.img2img_and_inpainting.checks import _strengths as draw
from grader.checks import assert_equal, assert_one_of


def test_worked_examples(submission):
    """0.7 of 50 steps starts at index 15, and 0.75 of 50 at index 13."""
    for strength, expected in ((0.7, 15), (0.75, 13)):
        actual = submission.strength_to_t_start(strength, 50)
        assert_equal(actual, expected, f"Strength {strength} of 50 steps must start at index {expected}.")


@given(num_inference_steps=st.integers(2, 100))
def test_both_ends(submission, num_inference_steps):
    """Strength 0 runs nothing, so the index is n; strength 1 runs everything, so the index is 0."""
    for steps in (num_inference_steps, 1):
        starts = [submission.strength_to_t_start(strength, steps) for strength in (0.0, 1.0)]
        sentence = f"With num_inference_steps = {steps} strength 0 runs none and strength 1 runs all."
        assert_equal(starts, [steps, 0], sentence)


@given(run=draw.partial_runs())
def test_part_of_a_step_does_not_run(submission, run):
    """The number of steps that run is the strength's share of all steps, without the part after the point."""
    strengths, num_inference_steps, whole = run
    starts = [submission.strength_to_t_start(strength, num_inference_steps) for strength in (*strengths, 1.0)]
    sentence = (
        f"Of {num_inference_steps} steps, strengths {', '.join(map(str, strengths))} are each {whole} and a part of "
        f"one more, so {whole} run; strength 1 runs all."
    )
    assert_equal(starts, [num_inference_steps - whole] * len(strengths) + [0], sentence)


@given(run=draw.tied_runs())
def test_either_side_of_a_tie(submission, run):
    """If the share is a whole number of steps, the index is the exact one or, because of rounding, the next one."""
    exact = run.num_inference_steps - round(run.strength * run.num_inference_steps)
    actual = submission.strength_to_t_start(*run)
    sentence = "If the share is a whole number of steps, the index may only differ by what rounding explains."
    assert_one_of(actual, (exact, exact + 1), sentence)


@given(num_inference_steps=st.integers(1, 100), percents=st.tuples(st.integers(0, 100), st.integers(0, 100)))
def test_more_strength_starts_no_later(submission, num_inference_steps, percents):
    """More strength never starts later."""
    less, more = (percent / 100 for percent in sorted(percents))
    indices = range(num_inference_steps + 1)
    latest = submission.strength_to_t_start(less, num_inference_steps)
    assert_one_of(latest, indices, f"The index lies between 0 and {num_inference_steps}, both included.")
    start = submission.strength_to_t_start(more, num_inference_steps)
    sentence = f"Strength {less} starts at index {latest}, so strength {more} must start there or before."
    assert_one_of(start, range(latest + 1), sentence)
