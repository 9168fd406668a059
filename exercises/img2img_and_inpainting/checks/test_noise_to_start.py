"""What the start of img2img must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises.img2img_and_inpainting.checks import _starts as draw
from grader.checks import assert_close, assert_equal, assert_like
from grader.checks.assertions import assert_items

NAMES = ("z_start", "remaining_timesteps")


def start_of(submission, start):
    """Call the student's function and return its two values."""
    return assert_items(submission.noise_to_start(**start.arguments), NAMES)


def weights_of(submission, start):
    """Return the two weights, in every place: what ones without noise give, and what noise of ones gives alone."""
    one, zero = torch.ones_like(start.z_0), torch.zeros_like(start.z_0)
    alone = (start._replace(z_0=one, noise=zero), start._replace(z_0=zero, noise=one))
    return [assert_like(start_of(submission, each)[0], one, what="z_start", like="z_0") for each in alone]


def example(strength):
    """Return the worked example of the statement."""
    return draw.Start(
        torch.tensor([[[[1.0, 2.0]]]]),
        torch.tensor([[[[-1.0, 0.5]]]]),
        strength,
        torch.tensor([3, 1]),
        torch.tensor([0.98, 0.64, 0.4, 0.1]),
        int(2 * strength),
    )


def test_worked_example(submission):
    """The function reproduces the worked example of the statement, in all three cases."""
    for strength, numbers, remaining in ((0.6, [0.2, 1.9], [1]), (1.0, [-1.0, 0.5], [3, 1]), (0.4, [1.0, 2.0], [])):
        z_start, timesteps = start_of(submission, example(strength))
        sentence = f"The result must be that of the worked example at strength {strength}."
        assert_close(z_start, torch.tensor([[[numbers]]]), sentence, like="z_0")
        assert_equal(timesteps, torch.tensor(remaining, dtype=torch.int64), sentence, what="remaining_timesteps")


@settings(max_examples=15)
@given(start=draw.starts(part="all"))
def test_full_strength_is_pure_noise(submission, start):
    """At strength 1 the start is the noise alone, and every timestep remains."""
    z_start, remaining = start_of(submission, start)
    assert_close(
        z_start, start.noise, "At strength 1 nothing of the picture is left: z_start must be noise.", like="z_0"
    )
    assert_equal(remaining, start.timesteps, "At strength 1 every timestep must remain.", what="remaining_timesteps")


@settings(max_examples=15)
@given(start=draw.starts(part="none"))
def test_nothing_runs_gives_z_0(submission, start):
    """With a strength of 0, or of less than one step, the start is z_0 and no timestep remains."""
    z_start, remaining = start_of(submission, start)
    share = f"With n = {len(start.timesteps)}, strength {start.strength} runs no step"
    assert_close(z_start, start.z_0, f"{share}: z_start must be z_0, without any noise.", like="z_0")
    assert_equal(remaining, start.timesteps[:0], f"{share}: no timestep may remain.", what="remaining_timesteps")


@given(start=draw.starts())
def test_remaining_timesteps_are_the_last(submission, start):
    """The timesteps that remain are the last ones of the list, as many as run, in the order of the list."""
    running = start.running
    _, remaining = start_of(submission, start)
    sentence = f"Strength {start.strength} of {len(start.timesteps)} steps runs the last {running} of them."
    assert_equal(remaining, start.timesteps[-running:], sentence, what="remaining_timesteps")


@given(start=draw.starts(skipped=2))
def test_noise_is_that_of_the_first_remaining_timestep(submission, start):
    """The start is z_0 with just the noise of the first timestep that remains."""
    first = start.timesteps[-start.running]
    z_weight, noise_weight = weights_of(submission, start)
    sentence = (
        f"Strength {start.strength} of {len(start.timesteps)} steps starts at timestep {first}: z_0 and noise must "
        "be weighted by the square roots of alpha-bar and 1 - alpha-bar there. Compared here is "
    )
    left = start.alphas_cumprod[first].expand_as(z_weight)
    which = "the square of the weight of z_0."
    assert_close(z_weight * z_weight.abs(), left, sentence + which, tolerance=start.tolerance)
    ratio = noise_weight * noise_weight.abs() / (1 - left)
    which = "the square of the weight of the noise, divided by 1 - alpha-bar."
    assert_close(ratio, torch.ones_like(ratio), sentence + which, tolerance=2 * start.ratio_tolerance)


@settings(max_examples=10)
@given(start=draw.starts())
def test_z_0_and_noise_are_added(submission, start):
    """The start is the sum of what z_0 gives without noise and what the noise gives without z_0."""
    zero = torch.zeros_like(start.z_0)
    apart = [start_of(submission, start._replace(**{name: zero}))[0] for name in ("noise", "z_0")]
    apart = [assert_like(each, zero, what="z_start", like="z_0") for each in apart]
    z_start, _ = start_of(submission, start)
    sentence = "z_start must be what it is without noise plus what it is with zeros for z_0."
    assert_close(z_start, apart[0] + apart[1], sentence, tolerance=start.tolerance, like="z_0")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    for strength in (0.6, 1.0, 0.0):
        start = example(strength)
        after = submission.noise_to_start.called_with(**start.arguments).arguments
        for name, before in start.arguments.items():
            sentence = f"noise_to_start must not change its input {name}: it is needed afterwards."
            assert_equal(after[name], before, sentence, what=f"{name} after the call")
