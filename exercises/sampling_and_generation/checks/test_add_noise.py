"""What noised pictures must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises._shared._schedules import make_alphas_cumprod
from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import assert_close, assert_different, assert_equal, assert_like
from grader.checks import strategies as draw

THREE = torch.tensor([2, 0, 1])


def test_worked_examples(submission):
    """The function reproduces the worked example, and noises 0.8 with -1.2 correctly on the linear schedule."""
    ten, five = torch.full((2, 1, 1, 1), 10.0), torch.full((2, 1, 1, 1), 5.0)
    actual = submission.add_noise(ten, five, torch.tensor([0, 1]), torch.tensor([0.64, 0.36]))
    expected = torch.tensor([11.0, 10.0]).reshape(2, 1, 1, 1)
    assert_close(actual, expected, "The result must be that of the worked example in the statement.", like="x_0")

    alphas_cumprod = make_alphas_cumprod("linear", 1000).float()
    pixel, noise = torch.full((4, 1, 1, 1), 0.8), torch.full((4, 1, 1, 1), -1.2)
    actual = submission.add_noise(pixel, noise, torch.tensor([50, 500, 950, 999]), alphas_cumprod)
    expected = torch.tensor([0.579875, -0.929240, -1.191698, -1.194893]).reshape(4, 1, 1, 1)
    sentence = (
        "0.8 with noise -1.2 must give the known results at timesteps 50, 500, 950 and 999 of the linear schedule."
    )
    assert_close(actual, expected, sentence, like="x_0")


@settings(max_examples=12)
@given(case=noised.noisings())
def test_pictures_turn_towards_noise(submission, case):
    """Every picture turns towards its noise, by the angle whose cosine is sqrt(alpha-bar) at its own timestep."""
    one, zero = torch.ones_like(case.x_0), torch.zeros_like(case.x_0)
    picture_weight, noise_weight = (
        assert_like(submission.add_noise(*parts, *case[2:]), case.x_0, like="x_0")
        for parts in ((one, zero), (zero, one))
    )
    turned = torch.atan2(noise_weight.double(), picture_weight.double())
    due = noised.angle(case.alphas_cumprod)[case.timesteps].reshape(-1, 1, 1, 1).expand(case.x_0.shape)
    sentence = (
        "Pictures of ones without noise, and noise of ones without a picture, show the two weights. Their ratio must "
        "be that of sqrt(1 - alpha-bar_t) to sqrt(alpha-bar_t); compared here is the angle with this tangent."
    )
    assert_close(turned, due, sentence, tolerance=case.tolerance)


@settings(max_examples=12)
@given(case=noised.noisings())
def test_picture_and_noise_are_added(submission, case):
    """The result is the sum of what the picture gives without noise and what the noise gives without a picture."""
    zero = torch.zeros_like(case.x_0)
    picture, noise = (
        assert_like(submission.add_noise(*parts, *case[2:]), case.x_0, like="x_0")
        for parts in ((case.x_0, zero), (zero, case.noise))
    )
    sentence = "The result must be the result without noise plus the result without a picture."
    assert_close(submission.add_noise(*case), picture + noise, sentence, like="x_0")


@settings(max_examples=10)
@given(case=noised.noisings(choices=((1, 1, 1, 2),)))
def test_unit_variance_stays(submission, case):
    """The squares of the two weights add up to 1, so pictures of variance 1 keep variance 1."""
    one, zero = case.x_0.new_tensor([[[[1.0, 0.0]]]]), case.x_0.new_tensor([[[[0.0, 1.0]]]])
    weights = assert_like(submission.add_noise(one, zero, *case[2:]), one, like="x_0")
    sentence = "With x_0 = [1, 0] and noise = [0, 1] the result holds both weights; their squares must add up to 1."
    assert_close((weights**2).sum(), one.sum(), sentence, tolerance=1e-4)


def test_both_ends_of_a_long_schedule(submission):
    """On the linear schedule the picture is nearly intact at timestep 0, and nearly gone at timestep 999."""
    alphas_cumprod = make_alphas_cumprod("linear", 1000).float()
    x_0, noise = draw.random_tensors(2, (1, 2, 2, 2), torch.float32, seed=0)
    actual = submission.add_noise(x_0, noise, torch.tensor([0]), alphas_cumprod)
    assert_close(actual, x_0, "At timestep 0 the result must be within a fiftieth of x_0.", tolerance=0.02)
    actual = submission.add_noise(x_0, noise, torch.tensor([999]), alphas_cumprod)
    assert_close(actual, noise, "At timestep 999 the result must be within a fiftieth of the noise.", tolerance=0.02)


def test_every_picture_has_its_own_timestep(submission):
    """A picture gives the same result in a batch as alone, whatever the timesteps of the others."""
    alphas_cumprod = torch.tensor([0.9, 0.5, 0.1])
    for shape in ((3, 2, 2, 2), (3, 2, 2, 3), (3, 3, 3, 1)):
        x_0, noise = draw.random_tensors(2, shape, torch.float32, seed=0)
        together = assert_like(submission.add_noise(x_0, noise, THREE, alphas_cumprod), x_0, like="x_0")
        for index in range(3):
            one = slice(index, index + 1)
            alone = submission.add_noise(x_0[one], noise[one], THREE[one], alphas_cumprod)
            sentence = f"Picture {index} of a batch with timesteps [2, 0, 1] must give the same result as alone."
            assert_close(alone, together[one], sentence, like="x_0")
        early, late = (
            assert_like(submission.add_noise(x_0[:1], noise[:1], torch.tensor([timestep]), alphas_cumprod), x_0[:1])
            for timestep in (0, 2)
        )
        sentence = (
            "At timestep 0, with alpha-bar 0.9, a picture must differ from that at timestep 2, with alpha-bar 0.1."
        )
        assert_different(early, late, sentence, least=0.1)


def test_keeps_dtype_and_leaves_inputs_alone(submission):
    """The result has the dtype of x_0, and the inputs are the same after the call as before it."""
    for dtype in draw.DTYPES:
        x_0, noise = draw.random_tensors(2, (3, 1, 2, 2), dtype, seed=0)
        case = noised.Noising(x_0, noise, THREE, torch.tensor([0.9, 0.5, 0.1], dtype=dtype))
        after = submission.add_noise.called_with(*case)
        assert_like(after.result, x_0, like="x_0")
        for name, before in case._asdict().items():
            sentence = f"add_noise must not change its input {name}: it is needed afterwards."
            assert_equal(after.arguments[name], before, sentence, what=f"{name} after the call")
