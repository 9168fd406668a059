"""What the estimate of the clean picture must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises._shared._schedules import make_alphas_cumprod
from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks import strategies as draw


def test_worked_examples(submission):
    """The function reproduces the worked example, and on the linear schedule -0.929240 gives the pixel of 0.8 again."""
    ten, five = torch.tensor([10.0]), torch.tensor([5.0])
    for timestep, expected in ((1, 10.0), (0, 8.75)):
        actual = submission.predict_x0(ten, five, timestep, torch.tensor([0.64, 0.36]))
        sentence = f"The result must be that of the worked example at timestep {timestep}."
        assert_close(actual, torch.tensor([expected]), sentence, like="x_t")
    alphas_cumprod = make_alphas_cumprod("linear", 1000).float()
    actual = submission.predict_x0(torch.tensor([-0.929240]), torch.tensor([-1.2]), 500, alphas_cumprod)
    sentence = "On the linear schedule, -0.929240 at timestep 500 with noise -1.2 was a pixel of 0.8."
    assert_close(actual, torch.tensor([0.8]), sentence, like="x_t")


@settings(max_examples=15)
@given(case=noised.known_noisings())
def test_undoes_the_noising(submission, case):
    """Given the true noise, the estimate is the clean picture again."""
    actual = submission.predict_x0(case.x_t, case.noise, case.timestep, case.alphas_cumprod)
    sentence = "x_t was made from a picture and this very noise, so the estimate must be that picture."
    assert_close(actual, case.x_0, sentence, tolerance=case.tolerance, like="x_t")


@settings(max_examples=15)
@given(case=noised.known_noisings())
def test_wrong_noise_is_magnified(submission, case):
    """An error in the noise shows in the estimate, magnified by sqrt(1/alpha-bar - 1)."""
    actual = submission.predict_x0(case.x_t, case.noise + case.error, case.timestep, case.alphas_cumprod)
    expected = case.x_0.double() - torch.tan(case.angle) * case.error.double()
    sentence = (
        "x_t was made from a picture and its noise, and noise_pred is that noise plus an error: "
        "the estimate must be the picture, less sqrt(1/alpha-bar_t - 1) times the error."
    )
    assert_close(actual, expected.to(case.x_t.dtype), sentence, tolerance=2 * case.tolerance, like="x_t")


def test_keeps_shape_and_dtype(submission):
    """The result has the shape and the dtype of x_t, whatever they are."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            x_t, noise_pred = draw.random_tensors(2, shape, dtype, seed=0)
            actual = submission.predict_x0(x_t, noise_pred, 1, torch.tensor([0.9, 0.5], dtype=dtype))
            assert_like(actual, x_t, like="x_t")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    x_t, noise_pred = draw.random_tensors(2, (2, 3), torch.float32, seed=0)
    case = noised.Estimate(x_t, noise_pred, 1, torch.tensor([0.9, 0.5]))
    after = submission.predict_x0.called_with(*case).arguments
    for name, before in case._asdict().items():
        sentence = f"predict_x0 must not change its input {name}: the sampler still needs it."
        assert_equal(after[name], before, sentence, what=f"{name} after the call")
