"""What a noise schedule must be, checked without knowing a solution."""

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises._shared import _schedules
from exercises.sampling_and_generation.checks import _steps
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

OFFSET = 0.008  # of the cosine schedule
# float32 all the way is fine: near the end of the cosine schedule it costs digits, in betas that are large there.
COSINE_TOLERANCE = 1e-4
RATIO_TOLERANCE = 1e-4
BETA_TOLERANCE = 1e-6
KNOWN_TO = 2e-5  # the numbers have six decimals, of which float32 all the way keeps four in the cosine schedule


def assert_evenly_spaced(numbers, first, last, sentence, tolerance):
    """Raise `CheckFailure` unless `numbers` go from `first` to `last`, each halfway between two others around it."""
    ends = torch.stack([numbers[0], numbers[-1]])
    due = torch.tensor([first, last], dtype=torch.float64)
    assert_close(ends, due, f"{sentence} The first and the last one are compared here.", tolerance=tolerance)
    # Neighbours of a long schedule are too close together to show how it bends.
    apart = max(1, (len(numbers) - 1) // 4)
    halfway = (numbers[: -2 * apart] + numbers[2 * apart :]) / 2
    sentence = f"{sentence} Each one must lie halfway between those {apart} before and {apart} after it."
    assert_close(numbers[apart:-apart], halfway, sentence, tolerance=tolerance)


def angles_of(betas):
    """Return the angle [T + 1] whose cosine is the root of what is left, before each step and after the last one.

    Before the first step it is that of the cosine schedule, which does not begin at 0.
    """
    start = OFFSET / (1 + OFFSET) * math.pi / 2
    left = torch.cat([torch.ones(1), torch.cumprod(1 - betas.double(), dim=0)])
    return torch.acos(math.cos(start) * left.clamp(0, 1).sqrt())


def test_worked_examples(submission):
    """The function reproduces the worked examples of the statement, and "linear" is the default."""
    for schedule, expected in (
        ("linear", [0.0001, 0.01005, 0.02]),
        ("scaled_linear", [0.00085, 0.004809, 0.012]),
        ("cosine", [0.257116, 0.668255, 0.999]),
    ):
        actual = submission.noise_schedule(3, schedule)
        sentence = f'The three betas of "{schedule}" must be those of the statement.'
        assert_close(actual, torch.tensor(expected), sentence, tolerance=5e-6)
    sentence = 'Without a name the schedule must be "linear".'
    assert_close(submission.noise_schedule(3), torch.tensor([0.0001, 0.01005, 0.02]), sentence, tolerance=5e-6)
    actual = submission.alphas_cumprod(torch.tensor([0.1, 0.2, 0.5]))
    assert_close(actual, torch.tensor([0.9, 0.72, 0.36]), "Betas [0.1, 0.2, 0.5] must give [0.9, 0.72, 0.36].")


@given(length=st.integers(2, 1000))
def test_linear_betas_are_evenly_spaced(submission, length):
    """The betas of "linear" are evenly spaced from 0.0001 to 0.02."""
    betas = assert_like(submission.noise_schedule(length, "linear"), torch.zeros(length))
    sentence = "The betas must be evenly spaced from 0.0001 to 0.02, both ends included."
    assert_evenly_spaced(betas.double(), 1e-4, 0.02, sentence, BETA_TOLERANCE)


@given(length=st.integers(2, 1000))
def test_roots_of_scaled_linear_betas_are_evenly_spaced(submission, length):
    """The square roots of the betas of "scaled_linear" are evenly spaced, from sqrt(0.00085) to sqrt(0.012)."""
    betas = assert_like(submission.noise_schedule(length, "scaled_linear"), torch.zeros(length)).double()
    roots = betas.sign() * betas.abs().sqrt()
    sentence = (
        "The square roots of the betas must be evenly spaced from sqrt(0.00085) to sqrt(0.012), both ends included. "
        "Compared here are these roots, and not the betas."
    )
    assert_evenly_spaced(roots, math.sqrt(0.00085), math.sqrt(0.012), sentence, BETA_TOLERANCE)


@given(length=st.integers(2, 100))
def test_cosine_betas_follow_the_curve(submission, length):
    """The betas of "cosine", except the last, leave the square of a cosine whose angle grows evenly."""
    betas = assert_like(submission.noise_schedule(length, "cosine"), torch.zeros(length))
    angles = angles_of(betas)[:-1]
    due = (torch.arange(length, dtype=torch.float64) / length + OFFSET) / (1 + OFFSET) * math.pi / 2
    sentence = (
        "After the first t betas f(t / T) / f(0) must be left of the picture; compared here are the angles whose "
        "cosine squared is f(t / T), for all betas but the last."
    )
    assert_close(angles, due, sentence, tolerance=COSINE_TOLERANCE)


@settings(max_examples=10)
@given(length=st.integers(2, 1000))
def test_last_cosine_beta_is_limited(submission, length):
    """The last beta of "cosine" is 0.999, not 1, because 1 would leave nothing of the picture."""
    actual = assert_like(submission.noise_schedule(length, "cosine"), torch.zeros(length))
    sentence = "The last beta must be the limit, 0.999; only this beta is compared here."
    assert_close(actual[-1:], torch.tensor([0.999]), sentence, tolerance=BETA_TOLERANCE)


@given(step=_steps.steps(longest=1000))
def test_alpha_bar_is_the_running_product(submission, step):
    """Every alpha-bar is 1 - beta times the one before it, and the first is 1 - beta itself."""
    left = assert_like(submission.alphas_cumprod(step.betas), step.betas, like="betas")
    sentence = "alpha-bar must be above 0 at every timestep: it is a product of numbers above 0."
    assert_equal(int((left > 0).sum()), len(left), f"{sentence} This check counts the timesteps where it is.")
    ratios = left / torch.cat([torch.ones(1, dtype=left.dtype), left[:-1]])
    sentence = (
        "alpha-bar_t must be the product of 1 - beta from timestep 0 up to and including t; "
        "compared here is each alpha-bar divided by the one before it, or by 1 at timestep 0, with 1 - beta_t."
    )
    assert_close(ratios, 1 - step.betas, sentence, tolerance=RATIO_TOLERANCE)


def test_known_numbers_of_long_schedules(submission):
    """Schedules of 1000 steps have the known betas, and both functions together give the known alpha-bars."""
    for schedule, timesteps, known_betas, known_alpha_bars in (
        ("linear", [0, 50, 500, 950], [0.0001, 0.001096, 0.010060, 0.019024], [0.9999, 0.969951, 0.077797, 0.000106]),
        ("scaled_linear", [0, 500, 999], [0.00085, 0.004815, 0.012], [0.99915, 0.276333, 0.004660]),
        ("cosine", [0, 500, 950], [0.000041, 0.003156, 0.039523], [0.999959, 0.492285, 0.005820]),
    ):
        betas = assert_like(submission.noise_schedule(1000, schedule), torch.zeros(1000), what="The schedule")
        sentence = (
            f'The betas of noise_schedule(1000, "{schedule}") must have the known values at timesteps {timesteps}.'
        )
        assert_close(betas[timesteps], torch.tensor(known_betas), sentence, tolerance=KNOWN_TO)
        alpha_bars = assert_like(submission.alphas_cumprod(betas), betas, like="betas")
        sentence = (
            f'alphas_cumprod(noise_schedule(1000, "{schedule}")) must have the known values at timesteps {timesteps}.'
        )
        assert_close(alpha_bars[timesteps], torch.tensor(known_alpha_bars), sentence, tolerance=KNOWN_TO)


def test_leaves_betas_alone(submission):
    """alphas_cumprod keeps the dtype of the betas, and the betas are the same after the call as before it."""
    for dtype in draw.DTYPES:
        betas = _schedules.make_betas("free", 4, seed=1).to(dtype)
        after = submission.alphas_cumprod.called_with(betas)
        assert_like(after.result, betas, like="betas")
        sentence = "alphas_cumprod must not change its input betas: the sampler needs them."
        assert_equal(after.arguments["betas"], betas, sentence, what="betas after the call")
