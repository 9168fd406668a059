"""What the DDPM loop must do, checked with perfect models, whose results are known without running a loop."""

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises._shared import _schedules
from exercises._shared._runs import saying_where
from exercises._shared._schedules import alpha_bars
from exercises.sampling_and_generation.checks import _denoisers as exact
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw

ONCE = "The model must be called once at every timestep, from T - 1 down to 0."


def on_the_way(model, start, betas, step_noise):
    """Return all pictures [T + 1] for a Gaussian's perfect model, from x_T to the result, without asking a model.

    Such a model estimates x_0 on a straight line, so that step t multiplies its picture with a gain, shifts it, and
    adds sigma * z.
    """
    mean, std = model.arguments["mean"], model.arguments["std"]
    betas = betas.double()
    after = alpha_bars(betas)
    before = torch.cat([torch.ones(1), after[:-1]])
    x_0_weight = before.sqrt() * betas / (1 - after)
    x_t_weight = (1 - betas).sqrt() * (1 - before) / (1 - after)
    pull = after.sqrt() * std**2 / (after * std**2 + 1 - after)  # of x_t on the estimate of x_0
    gain = x_0_weight * pull + x_t_weight
    shift = x_0_weight * (1 - pull * after.sqrt()) * mean
    sigma = torch.cat([torch.zeros(1), betas[1:].sqrt()])
    pictures = [start.double()]
    for t in range(len(betas) - 1, -1, -1):
        pictures.append(gain[t] * pictures[-1] + shift[t] + sigma[t] * step_noise[t].double())
    return torch.stack(pictures).to(start.dtype)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    betas = torch.tensor([0.36, 0.19])
    model = exact.gaussian(alpha_bars(betas), mean=0.0, std=1.0)
    actual = submission.ddpm_sample(model, torch.tensor([1.0]), betas, torch.tensor([[5.0], [2.0]]))
    expected = torch.tensor([1.417424])
    assert_close(actual, expected, "The result must be that of the worked example in the statement.", like="x_T")


@settings(max_examples=12)
@given(loop=exact.ancestral_loops())
def test_model_is_called_once_at_every_timestep(submission, loop):
    """The model is called once at every timestep, from T - 1 down to 0."""
    submission.ddpm_sample(*loop)
    exact.assert_timesteps(submission.read.calls(loop.model), range(len(loop.betas))[::-1], ONCE)


@given(loop=exact.ancestral_loops(shortest=3))
def test_every_number_ends_where_a_perfect_model_leads(submission, loop):
    """With a perfect model every number of the result is known exactly from its own x_T and noise."""
    actual = submission.ddpm_sample(*loop)
    sentence = (
        "With the perfect model for normally distributed data every step is a straight line, so that the result "
        "is known: each step must go on from the last one's picture, and add its own noise."
    )
    pictures = on_the_way(*loop)
    with saying_where(
        lambda: submission.aside.calls(loop.model),
        lambda: [*zip(reversed(range(len(loop.betas))), pictures[:-1], strict=True)],
        {"x_T": loop.x_T},
        loop.tolerance,
    ):
        assert_close(actual, pictures[-1], sentence, tolerance=loop.tolerance, like="x_T")


def test_mean_and_spread_of_short_loops(submission):
    """For data of mean 2 and spread 0.5, ten steps end at 0.5975 and 0.7882, fifty at 1.4496 and 0.5566."""
    for steps, mean, std in ((10, 0.597529, 0.788152), (50, 1.449647, 0.556631)):
        betas = _schedules.make_betas("linear", steps)
        start, *noise = exact.balanced_noise(steps + 1, torch.float64)
        model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5)
        actual = assert_like(submission.ddpm_sample(model, start, betas, torch.stack(noise)), start, like="x_T")
        found = torch.stack([actual.mean(), actual.std(correction=0)])
        sentence = (
            f"With {steps} betas from 0.0001 to 0.02 and the perfect model for data of mean 2 and spread 0.5 the "
            f"results must have mean {mean:.4f} and spread {std:.4f}."
        )
        assert_close(found, torch.tensor([mean, std], dtype=torch.float64), sentence, tolerance=1e-3)


@settings(max_examples=10)
@given(loop=exact.ancestral_loops())
def test_last_step_adds_no_noise(submission, loop):
    """The last step, at timestep 0, adds no noise: step_noise[0] has no effect."""
    expected = assert_like(submission.ddpm_sample(*loop), loop.x_T, like="x_T")
    changed = loop.step_noise.clone()
    changed[0] += 1000.0
    actual = submission.ddpm_sample(*loop._replace(step_noise=changed))
    assert_close(actual, expected, "The result must not depend on step_noise[0].", like="x_T")


@settings(max_examples=12)
@given(loop=exact.ancestral_loops(shortest=2), place=st.integers(0, 99))
def test_noise_of_every_step_reaches_the_picture(submission, loop, place):
    """The noise of step t comes in at step t with spread sqrt(beta_t), and the later steps carry it on."""
    timestep = 1 + place % (len(loop.betas) - 1)
    loop = loop._replace(model=exact.gaussian(alpha_bars(loop.betas), mean=0.0, std=1.0))
    without = assert_like(submission.ddpm_sample(*loop), loop.x_T, like="x_T")
    changed = loop.step_noise.clone()
    changed[timestep] += 1.0
    actual = submission.ddpm_sample(*loop._replace(step_noise=changed))
    # For data of mean 0 and spread 1 each step multiplies its picture with sqrt(alpha).
    carried = math.sqrt(float(torch.prod(1 - loop.betas[:timestep].double()) * loop.betas[timestep].double()))
    sentence = (
        f"With step_noise[{timestep}] larger by 1 the result must be larger by {carried:.6g}: sqrt(beta_{timestep}), "
        "times sqrt(alpha) of all the later steps, for this model."
    )
    assert_close(actual, without + carried, sentence, tolerance=loop.tolerance, like="x_T")


def test_keeps_no_pictures(submission):
    """The memory that the loop takes does not grow from step to step."""
    betas = torch.linspace(1e-4, 0.02, 12)
    model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5, counts_tensors=True)
    start, *noise = draw.random_tensors(13, (2, 3, 8, 8), torch.float32, seed=0)
    submission.ddpm_sample(model, start, betas, torch.stack(noise))
    exact.assert_steady(submission.read.calls(model), start)


def test_keeps_shape_and_dtype(submission):
    """The result has the shape and the dtype of x_T, whatever they are."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            start, *noise = draw.random_tensors(3, shape, dtype, seed=0)
            betas = torch.tensor([0.1, 0.2], dtype=dtype)
            model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5)
            actual = submission.ddpm_sample(model, start, betas, torch.stack(noise))
            assert_like(actual, start, like="x_T")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    betas = torch.tensor([0.1, 0.2, 0.3])
    model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5)
    start, *noise = draw.random_tensors(4, (2, 3), torch.float32, seed=0)
    inputs = {"x_T": start, "betas": betas, "step_noise": torch.stack(noise)}
    after = submission.ddpm_sample.called_with(model, *inputs.values()).arguments
    for name, before in inputs.items():
        sentence = f"ddpm_sample must not change its input {name}: another loop may start from it."
        assert_equal(after[name], before, sentence, what=f"{name} after the call")
