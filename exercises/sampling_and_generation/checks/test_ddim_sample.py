"""What the DDIM loop must do, checked with perfect models, whose results are known without running a loop."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises._shared._runs import saying_where
from exercises._shared._schedules import make_alphas_cumprod
from exercises.sampling_and_generation.checks import _denoisers as exact
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

ONCE = "The model must be called once at every timestep of the list, in the order of the list."


def in_closed_form(model, start, timesteps, alphas_cumprod):
    """Return all pictures [n + 1] for a Gaussian's perfect model, from x_T to the result, without running a loop.

    Let y = x / sqrt(alpha-bar), whose noise has the level sigma = sqrt((1 - alpha-bar) / alpha-bar). For such a model
    each leap multiplies y - mean with (std^2 + sigma sigma_next) / (std^2 + sigma^2). At alpha-bar 1, sigma is 0.
    """
    mean, std = model.arguments["mean"], model.arguments["std"]
    left = torch.cat([alphas_cumprod.double()[timesteps], torch.ones(1)])
    sigmas = ((1 - left) / left).sqrt()
    gains = (std**2 + sigmas[:-1] * sigmas[1:]) / (std**2 + sigmas[:-1] ** 2)
    gains = torch.cat([torch.ones(1), torch.cumprod(gains, dim=0)])
    start_y = start.double() / left[0].sqrt() - mean
    return torch.stack([
        (left_here.sqrt() * (mean + gain * start_y)).to(start.dtype)
        for left_here, gain in zip(left, gains, strict=True)
    ])  # fmt: skip


def best_guess(model, start, timestep):
    """Return E[x_0 | x_t] for a Gaussian's perfect model, by Bayes' rule."""
    mean, std = model.arguments["mean"], model.arguments["std"]
    alpha_bar = model.arguments["alphas_cumprod"][timestep]
    pull = alpha_bar.sqrt() * std**2 / (alpha_bar * std**2 + 1 - alpha_bar)
    return (mean + pull * (start.double() - alpha_bar.sqrt() * mean)).to(start.dtype)


def test_worked_examples(submission):
    """The function reproduces the worked example of the statement, for both of its lists of timesteps."""
    alphas_cumprod = torch.tensor([0.64, 0.36, 0.1])
    model = exact.gaussian(alphas_cumprod, mean=0.0, std=1.0)
    for timesteps, expected in (([1, 0], 7.68), ([1], 6.0)):
        actual = submission.ddim_sample(model, torch.tensor([10.0]), torch.tensor(timesteps), alphas_cumprod)
        sentence = f"The result must be that of the worked example for timesteps = {timesteps}."
        assert_close(actual, torch.tensor([expected]), sentence, like="x_T")


@settings(max_examples=12)
@given(loop=exact.implicit_loops())
def test_model_is_called_once_at_every_timestep(submission, loop):
    """The model is called once at every timestep of the list, in its order."""
    submission.ddim_sample(*loop)
    exact.assert_timesteps(submission.read.calls(loop.model), loop.timesteps.tolist(), ONCE)


@given(loop=exact.implicit_loops())
def test_leaps_follow_the_noise_level(submission, loop):
    """Every leap goes to the next timestep of the list, and the last one to alpha-bar 1."""
    actual = submission.ddim_sample(*loop)
    pictures = in_closed_form(*loop)
    sentence = (
        "With this model the result is known: every leap must go from its timestep to the next one in the list, with "
        "the model's prediction at its own timestep, and the last one to alpha-bar 1."
    )
    with saying_where(
        lambda: submission.aside.calls(loop.model),
        lambda: [*zip(loop.timesteps.tolist(), pictures[:-1], strict=True)],
        {"x_T": loop.x_T},
        loop.tolerance,
    ):
        assert_close(actual, pictures[-1], sentence, tolerance=loop.tolerance, like="x_T")


@settings(max_examples=10)
@given(loop=exact.implicit_loops(), place=st.integers(0, 99))
def test_a_single_timestep_gives_the_best_guess(submission, loop, place):
    """The last leap ends at alpha-bar 1: with one timestep only, the result is the best guess of the clean picture."""
    chosen = loop.timesteps[place % len(loop.timesteps)]
    loop = loop._replace(timesteps=chosen.reshape(1))
    actual = submission.ddim_sample(*loop)
    expected = best_guess(loop.model, loop.x_T, int(chosen))
    sentence = (
        "With a single timestep the loop is one leap to alpha-bar 1, so the result must be the perfect model's "
        "estimate of the clean picture."
    )
    assert_close(actual, expected, sentence, tolerance=loop.tolerance, like="x_T")


def test_mean_and_spread_of_few_leaps(submission):
    """For data of mean 2 and spread 0.5, ten leaps end at mean 1.9877 and spread 0.3741, fifty at 1.9927 and 0.4724."""
    alphas_cumprod = make_alphas_cumprod("linear", 1000).float()
    model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
    (start,) = exact.balanced_noise(1, torch.float32)
    for leaps, mean, std in ((10, 1.987699, 0.374128), (50, 1.992740, 0.472439)):
        timesteps = torch.arange(0, 1000, 1000 // leaps).flip(0)
        actual = assert_like(submission.ddim_sample(model, start, timesteps, alphas_cumprod), start, like="x_T")
        found = torch.stack([actual.mean(), actual.std(correction=0)])
        sentence = (
            f"On the linear schedule of 1000 steps, {leaps} leaps with the perfect model for data of mean 2 and spread "
            f"0.5 must give results of mean {mean:.4f} and spread {std:.4f}."
        )
        assert_close(found, torch.tensor([mean, std]), sentence, tolerance=1e-3)


@settings(max_examples=10)
@given(loop=exact.implicit_loops())
def test_same_inputs_same_result(submission, loop):
    """The same inputs give the same picture: the loop draws no noise."""
    first = assert_like(submission.ddim_sample(*loop), loop.x_T, like="x_T")
    second = submission.ddim_sample(*loop)
    assert_close(second, first, "Called twice with the same inputs, the result must be the same.", like="x_T")


def test_keeps_shape_and_dtype(submission):
    """The result has the shape and the dtype of x_T, whatever they are."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            (start,) = draw.random_tensors(1, shape, dtype, seed=0)
            alphas_cumprod = torch.tensor([0.9, 0.5, 0.2], dtype=dtype)
            model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
            actual = submission.ddim_sample(model, start, torch.tensor([2, 0]), alphas_cumprod)
            assert_like(actual, start, like="x_T")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    alphas_cumprod = torch.tensor([0.9, 0.5, 0.2])
    model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
    (start,) = draw.random_tensors(1, (2, 3), torch.float32, seed=0)
    inputs = {"x_T": start, "timesteps": torch.tensor([2, 1]), "alphas_cumprod": alphas_cumprod}
    after = submission.ddim_sample.called_with(model, *inputs.values()).arguments
    for name, before in inputs.items():
        sentence = f"ddim_sample must not change its input {name}: another loop may start from it."
        assert_equal(after[name], before, sentence, what=f"{name} after the call")
