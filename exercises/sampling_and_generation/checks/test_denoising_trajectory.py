"""What an experiment on a sampling loop must find, measured again on what it returned, with the same perfect models."""

import torch
from hypothesis import given, settings

from exercises._shared import _results
from exercises._shared._schedules import make_alphas_cumprod
from exercises.sampling_and_generation.checks import _denoisers as exact
from exercises.sampling_and_generation.checks import _trajectories as way
from grader.checks import CheckFailure, assert_close, assert_equal
from grader.checks import strategies as draw


def worked_example():
    """Return the loop of the statement."""
    alphas_cumprod = torch.tensor([0.64, 0.36, 0.04])
    model = exact.gaussian(alphas_cumprod, mean=0.0, std=1.0)
    return exact.Implicit(model, torch.tensor([10.0]), torch.tensor([2, 1, 0]), alphas_cumprod)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    found = way.trajectory_of(submission, worked_example())
    for name, expected in (
        ("noisy", torch.tensor([[10.0], [9.038367], [8.676832]])),
        ("estimates", torch.tensor([[2.0], [5.423020], [6.941466]])),
        ("result", torch.tensor([6.941466])),
    ):
        assert_close(getattr(found, name), expected, f"result['{name}'] must be that of the worked example.")
    for name, numbers in (("noise_levels", [0.979796, 0.8, 0.6]), ("shares", [0.692714, 0.307286])):
        sentence = f"result['{name}'] must be that of the worked example."
        _results.assert_numbers(getattr(found, name), numbers, sentence, tolerance=1e-4)


@given(loop=way.moving_loops())
def test_estimates_belong_to_the_pictures(submission, loop):
    """Every estimate is what the model takes the noisy picture of the same step to be."""
    found, model = way.trajectory_of(submission, loop), exact.here(loop.model)
    for place, timestep in enumerate(loop.timesteps.tolist()):
        alpha_bar, x = loop.alphas_cumprod.double()[timestep], found.noisy[place]
        expected = (x.double() - (1 - alpha_bar).sqrt() * model(x.double(), timestep)) / alpha_bar.sqrt()
        sentence = (
            f"estimates[{place}] must be what the model takes noisy[{place}] to be at timestep {timestep}. Compared "
            "here are your estimates with those made again of your noisy pictures."
        )
        assert_close(found.estimates[place], expected.to(x.dtype), sentence, tolerance=loop.tolerance)


@given(loop=way.moving_loops())
def test_every_picture_leads_to_the_next(submission, loop):
    """The first noisy picture is x_T, and each leads to the next by one leap, for which the model looks again."""
    found, model = way.trajectory_of(submission, loop), exact.here(loop.model)
    assert_close(found.noisy[0], loop.x_T, "noisy[0] must be x_T.")
    signal = torch.cat([loop.alphas_cumprod.double()[loop.timesteps], torch.ones(1)])
    for place, timestep in enumerate(loop.timesteps.tolist()):
        x, left, left_next = found.noisy[place].double(), signal[place], signal[place + 1]
        noise_pred = model(x, timestep)
        x_0 = (x - (1 - left).sqrt() * noise_pred) / left.sqrt()
        expected = (left_next.sqrt() * x_0 + (1 - left_next).sqrt() * noise_pred).to(loop.x_T.dtype)
        last = place + 1 == len(loop.timesteps)
        actual, name = (found.result, "result") if last else (found.noisy[place + 1], f"noisy[{place + 1}]")
        sentence = f"{name} must be where the leap from noisy[{place}], at timestep {timestep}, leads. Made again here."
        assert_close(actual, expected, sentence, tolerance=loop.tolerance)


@settings(max_examples=15)
@given(loop=way.moving_loops())
def test_last_estimate_is_the_result(submission, loop):
    """The last step puts no noise back, so the last estimate is the result; the first is not."""
    found = way.trajectory_of(submission, loop)
    sentence = "The last step leaps to alpha-bar 1, where no noise is put back: the result must be the last estimate."
    assert_close(found.result, found.estimates[-1], sentence, tolerance=loop.tolerance)


@settings(max_examples=15)
@given(loop=way.moving_loops())
def test_levels_are_those_of_the_timesteps(submission, loop):
    """Every noise level is the weight that the noise has in the picture of that step."""
    found = way.trajectory_of(submission, loop)
    sentence = "noise_levels[i] must be sqrt(1 - alpha-bar) at timesteps[i], the timestep that step i starts with."
    _results.assert_numbers(found.noise_levels, way.levels(loop), sentence, tolerance=1e-5)


@given(loop=way.moving_loops(data="mixture"))
def test_shares_are_those_of_the_estimates(submission, loop):
    """The shares say where the estimates changed, measured again on the estimates, and add up to 1."""
    found = way.trajectory_of(submission, loop)
    changes = way.changes(found.estimates)
    if not sum(changes) >= way.LEAST_CHANGE / 2:
        raise CheckFailure("The estimates must change from step to step; yours are all the same.")
    sentence = (
        "shares[i] must be the part of all change that happened between estimates[i] and estimates[i + 1]. Compared "
        "here are your shares with those measured again on your estimates."
    )
    expected = [change / sum(changes) for change in changes]
    _results.assert_numbers(found.shares, expected, sentence, tolerance=way.SHARE_TOLERANCE)


def test_two_kinds_are_decided_on_the_way(submission):
    """For pixels near -1 and +1 the first estimate is the average, the last is decided, and most happens in between."""
    alphas_cumprod = make_alphas_cumprod("linear", 1000).float()
    model = exact.two_modes(alphas_cumprod, means=(-1.0, 1.0), std=0.1)
    (start,) = draw.random_tensors(1, (200,), torch.float32, seed=5)
    loop = exact.Implicit(model, start, torch.arange(0, 1000, 50).flip(0), alphas_cumprod)
    found = way.trajectory_of(submission, loop)
    first, last = (float(found.estimates[place].abs().mean()) for place in (0, -1))
    for value, low, high, when in ((first, 0.0, 0.2, "first"), (last, 0.9, 1.1, "last")):
        if not low <= value <= high:
            raise CheckFailure(
                f"On data of two kinds, near -1 and near +1, the mean size of the {when} estimate must be from {low} "
                f"to {high}: at first the model can only expect the average, 0; at the end every pixel has its kind.",
                expected=f"from {low} to {high}",
                actual=f"{value:.3f}",
            )
    middle = sum(share for share, level in zip(found.shares, found.noise_levels[1:], strict=True) if 0.5 < level < 0.99)
    if not middle >= 0.6:
        raise CheckFailure(
            "On data of two kinds, at least 0.6 of the change must come where the noise level is between 0.5 and 0.99.",
            expected="0.6 or more",
            actual=f"{middle:.3f}",
        )


@settings(max_examples=12)
@given(loop=way.moving_loops())
def test_model_is_called_once_at_every_timestep(submission, loop):
    """Measuring costs nothing: the model is called once at every timestep of the list, in its order."""
    submission.denoising_trajectory(*loop)
    sentence = "The model must be called once at every timestep of the list, in the order of the list."
    exact.assert_timesteps(submission.read.calls(loop.model), loop.timesteps.tolist(), sentence)


def test_keeps_shape_and_dtype(submission):
    """The tensors have the shape and the dtype of x_T, whatever they are."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            (start,) = draw.random_tensors(1, shape, dtype, seed=0)
            alphas_cumprod = torch.tensor([0.9, 0.5, 0.2], dtype=dtype)
            model = exact.gaussian(alphas_cumprod, mean=2.0, std=0.5)
            way.trajectory_of(submission, exact.Implicit(model, start, torch.tensor([2, 0]), alphas_cumprod))


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    loop = worked_example()
    after = submission.denoising_trajectory.called_with(*loop).arguments
    for name in ("x_T", "timesteps", "alphas_cumprod"):
        sentence = f"denoising_trajectory must not change its input {name}."
        assert_equal(after[name], getattr(loop, name), sentence, what=f"{name} after the call")
