"""What the estimate of the clean picture must be on wider draws, and why one estimate makes no picture."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises._shared._schedules import make_alphas_cumprod
from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_far, assert_like
from grader.checks import strategies as draw

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))
SPREAD = 0.1  # of the pixels around each of the two modes, -1 and +1


def best_guess(x_t, alpha_bar):
    """Return E[x_0 | x_t], in closed form, for pixels that are half near -1 and half near +1."""
    variance = alpha_bar * SPREAD**2 + 1 - alpha_bar
    pull = alpha_bar.sqrt() * SPREAD**2 / variance
    return pull * x_t + (1 - pull * alpha_bar.sqrt()) * torch.tanh(alpha_bar.sqrt() * x_t / variance)


def perfect_noise(x_t, alpha_bar):
    """Return the noise that a perfect model predicts: what is left of x_t without its best guess."""
    return (x_t - alpha_bar.sqrt() * best_guess(x_t, alpha_bar)) / (1 - alpha_bar).sqrt()


@settings(max_examples=10)
@given(case=noised.estimates(longest=1000, choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, case):
    """Pictures on schedules of up to 1000 steps give the reference's result."""
    expected = reference.predict_x0(*case)
    actual = submission.predict_x0(*case)
    sentence = "The estimate must follow the formula of the statement."
    assert_close(actual, expected, sentence, tolerance=case.tolerance, like="x_t")


@settings(max_examples=10)
@given(case=noised.estimates(), other=st.floats(0.01, 0.99))
def test_other_entries_do_not_matter(submission, case, other):
    """Only the alpha-bar at the timestep counts: the other entries, and how many there are, have no effect."""
    changed = case.alphas_cumprod.new_full((len(case.alphas_cumprod) + 2,), other)
    changed[case.timestep] = case.alphas_cumprod[case.timestep]
    expected = assert_like(submission.predict_x0(*case), case.x_t, like="x_t")
    actual = submission.predict_x0(*case._replace(alphas_cumprod=changed))
    assert_close(actual, expected, "Alpha-bars at other timesteps must have no effect.", like="x_t")


def test_one_shot_falls_between_the_modes(submission):
    """With a perfect model, one shot from pure noise lands between two kinds of pixels, many leaps on one of them."""
    alphas_cumprod = make_alphas_cumprod("linear", 1000)
    (noise,) = draw.random_tensors(1, (200,), torch.float64, seed=0)
    alpha_bar = alphas_cumprod[999]
    expected = best_guess(noise, alpha_bar)
    assert_far(expected.abs(), torch.ones_like(expected), least=0.9)
    actual = submission.predict_x0(noise, perfect_noise(noise, alpha_bar), 999, alphas_cumprod)
    sentence = "From pure noise, with pixels half near -1 and half near +1, the best single guess is close to 0."
    assert_close(actual, expected, sentence, tolerance=1e-3, like="x_t")

    x_t = noise
    for timestep in range(999, -1, -37):
        noise_pred = perfect_noise(x_t, alphas_cumprod[timestep])
        estimate = assert_like(submission.predict_x0(x_t, noise_pred, timestep, alphas_cumprod), x_t, like="x_t")
        left = alphas_cumprod[timestep - 37] if timestep else torch.ones(())
        x_t = left.sqrt() * estimate + (1 - left).sqrt() * noise_pred
    sentence = "After 28 leaps, each by way of the estimate, every pixel must have come near -1 or +1."
    assert_close(x_t.abs(), torch.ones_like(x_t), sentence, tolerance=0.5)
