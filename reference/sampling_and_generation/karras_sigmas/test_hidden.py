"""What the noise levels of a short sampler must be, for many steps and against the reference."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import assert_close, assert_like

LOWEST = st.floats(0.001, 1.0)
HIGHEST = st.floats(2.0, 1000.0)


def roots_of(result, steps):
    """Return the seventh roots of the levels, in which small levels count as much as large ones."""
    levels = assert_like(result, torch.zeros(steps + 1)).double()
    return levels.sign() * levels.abs() ** (1 / 7)


@settings(max_examples=30)
@given(sigma_min=LOWEST, sigma_max=HIGHEST, steps=st.integers(1, 1000))
def test_equals_reference(submission, reference, sigma_min, sigma_max, steps):
    """Up to 1000 steps have the reference's levels, between any two ends."""
    expected = roots_of(reference.karras_sigmas(sigma_min, sigma_max, steps), steps)
    actual = roots_of(submission.karras_sigmas(sigma_min, sigma_max, steps), steps)
    assert_close(actual, expected, "The levels must be the reference's; their seventh roots are compared here.")


@settings(max_examples=20)
@given(sigma_min=LOWEST, sigma_max=HIGHEST, steps=st.integers(2, 50))
def test_finer_levels_hold_the_coarser_ones(submission, sigma_min, sigma_max, steps):
    """With one more level between any two neighbours, the old levels stay where they are."""
    coarse = roots_of(submission.karras_sigmas(sigma_min, sigma_max, steps), steps)[:-1]
    fine = roots_of(submission.karras_sigmas(sigma_min, sigma_max, 2 * steps - 1), 2 * steps - 1)[:-1]
    sentence = (
        f"Every second level of {2 * steps - 1} steps must be a level of {steps} steps; "
        "compared here are their seventh roots."
    )
    assert_close(fine[::2], coarse, sentence)


@settings(max_examples=20)
@given(sigma_min=st.floats(0.001, 0.1), sigma_max=st.floats(2.0, 100.0), steps=st.integers(2, 50))
def test_tenfold_noise_has_tenfold_levels(submission, sigma_min, sigma_max, steps):
    """If sigma_min and sigma_max are ten times as large, all levels are."""
    levels = roots_of(submission.karras_sigmas(sigma_min, sigma_max, steps), steps)
    tenfold = roots_of(submission.karras_sigmas(10 * sigma_min, 10 * sigma_max, steps), steps)
    sentence = "Tenfold sigma_min and sigma_max must give tenfold levels; their seventh roots are compared here."
    assert_close(tenfold, 10 ** (1 / 7) * levels, sentence)
