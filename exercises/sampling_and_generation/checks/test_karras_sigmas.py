"""What the noise levels of a short sampler must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_equal, assert_like, assert_one_of

LOWEST = st.integers(1, 1000).map(lambda thousandths: thousandths / 1000)
HIGHEST = st.integers(2, 1000).map(float)
STEPS = st.integers(2, 50)
EXAMPLE_TO = 1e-5  # of 128, so that the level 0.0078125 counts
ENDS_TO = 1e-4


def roots_of(result, steps):
    """Return the seventh roots of all levels but the last, in which small levels count as much as large ones."""
    levels = assert_like(result, torch.zeros(steps + 1))[:-1].double()
    return levels.sign() * levels.abs() ** (1 / 7)


def test_worked_examples(submission):
    """The function reproduces the worked examples of the statement."""
    for sigma_min, sigma_max, expected in (
        (0.0078125, 128.0, [128.0, 17.0859375, 1.0, 0.0078125, 0.0]),
        (0.0292, 14.6146, [14.6146, 4.797174, 1.274516, 0.248104, 0.0292, 0.0]),
    ):
        steps = len(expected) - 1
        actual = submission.karras_sigmas(sigma_min, sigma_max, steps)
        sentence = f"{steps} steps from {sigma_max} with sigma_min = {sigma_min} must have the levels of the statement."
        assert_close(actual, torch.tensor(expected), sentence, tolerance=EXAMPLE_TO)


@given(sigma_min=LOWEST, sigma_max=HIGHEST, steps=STEPS)
def test_leads_from_sigma_max_to_sigma_min(submission, sigma_min, sigma_max, steps):
    """The first level is sigma_max, and the last one above 0 is sigma_min."""
    levels = assert_like(submission.karras_sigmas(sigma_min, sigma_max, steps), torch.zeros(steps + 1))
    assert_close(
        levels[:1], torch.tensor([sigma_max]), "The first level must be sigma_max; only this level is compared here."
    )
    sentence = "The last level before the 0 must be sigma_min; only this level is compared here."
    assert_close(levels[-2:-1], torch.tensor([sigma_min]), sentence, tolerance=ENDS_TO * sigma_min)


@given(sigma_min=LOWEST, sigma_max=HIGHEST, steps=STEPS)
def test_levels_fall(submission, sigma_min, sigma_max, steps):
    """The levels fall: a sampler starts with the most noise."""
    levels = assert_like(submission.karras_sigmas(sigma_min, sigma_max, steps), torch.zeros(steps + 1))
    assert_equal(levels, levels.sort(descending=True).values, "The levels must come in falling order.")


@given(sigma_min=LOWEST, sigma_max=HIGHEST, steps=st.integers(3, 50))
def test_seventh_roots_are_evenly_spaced(submission, sigma_min, sigma_max, steps):
    """The seventh roots of the levels are evenly spaced: each is halfway between its two neighbours."""
    roots = roots_of(submission.karras_sigmas(sigma_min, sigma_max, steps), steps)
    halfway = (roots[:-2] + roots[2:]) / 2
    sentence = (
        "The seventh root of a level must be halfway between those of its two neighbours; the roots are compared here."
    )
    assert_close(roots[1:-1], halfway, sentence)


@settings(max_examples=20)
@given(sigma_min=LOWEST, sigma_max=HIGHEST, steps=STEPS)
def test_ends_at_0(submission, sigma_min, sigma_max, steps):
    """There is one level for each step and then exactly 0, the clean picture; no level before it is 0."""
    levels = assert_like(submission.karras_sigmas(sigma_min, sigma_max, steps), torch.zeros(steps + 1))
    assert_equal(levels[-1:], torch.zeros(1), "The last level must be exactly 0.", what="The last level")
    sentence = "All levels before the last must be above 0; this check counts those that are."
    assert_equal(int((levels[:-1] > 0).sum()), steps, sentence)


@settings(max_examples=20)
@given(sigma_min=LOWEST, sigma_max=HIGHEST)
def test_one_step_leads_from_sigma_max_to_0(submission, sigma_min, sigma_max):
    """A sampler of one step goes from sigma_max to 0 at once."""
    actual = submission.karras_sigmas(sigma_min, sigma_max, 1)
    assert_close(actual, torch.tensor([sigma_max, 0.0]), "With steps = 1 the levels must be [sigma_max, 0].")


@settings(max_examples=20)
@given(share=st.integers(1, 10), sigma_max=st.integers(100, 1000), steps=STEPS)
def test_half_of_the_levels_are_small(submission, share, sigma_max, steps):
    """Where sigma_min is a thousandth of sigma_max or less, half of the levels or more are below sigma_max / 10."""
    levels = assert_like(
        submission.karras_sigmas(share * sigma_max / 10_000, float(sigma_max), steps), torch.zeros(steps + 1)
    )
    small = int((levels[:-1] < sigma_max / 10).sum())
    sentence = f"Of the {steps} levels above 0, at least half must be below {sigma_max / 10:g}; this check counts them."
    assert_one_of(small, range((steps + 1) // 2, steps + 1), sentence)
