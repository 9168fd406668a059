"""What the start of img2img must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises.img2img_and_inpainting.checks import _starts as draw
from grader.checks import assert_close, assert_equal
from grader.checks.assertions import assert_items

NAMES = ("z_start", "remaining_timesteps")


def start_of(submission, start):
    """Call the student's function and return its two values."""
    return assert_items(submission.noise_to_start(*start), NAMES)


def rotated(z_0, noise, strength, timesteps, alphas_cumprod):
    """Return the noised latents by other algebra: turned from z_0 towards the noise, by the timestep's angle."""
    position = draw.Position(strength, timesteps, alphas_cumprod)
    alpha_bar = alphas_cumprod[timesteps[-position.steps_that_run]].double()
    angle = 0.5 * torch.arccos(2 * alpha_bar - 1)  # cos(2 angle) = 2 cos(angle)^2 - 1
    return (torch.cos(angle) * z_0 + torch.sin(angle) * noise).to(z_0.dtype)


def example(strength):
    """Return the worked example of the statement."""
    return draw.Start(
        torch.tensor([[[[1.0, 2.0]]]]),
        torch.tensor([[[[-1.0, 0.5]]]]),
        strength,
        torch.tensor([3, 1]),
        torch.tensor([0.98, 0.64, 0.4, 0.1]),
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
    running = start.position.steps_that_run
    _, remaining = start_of(submission, start)
    sentence = f"Strength {start.strength} of {len(start.timesteps)} steps runs the last {running} of them."
    assert_equal(remaining, start.timesteps[-running:], sentence, what="remaining_timesteps")


@given(start=draw.starts())
def test_noise_is_that_of_the_first_remaining_timestep(submission, start):
    """The start is z_0 with just the noise of the first timestep that remains."""
    z_start, _ = start_of(submission, start)
    first = start.timesteps[-start.position.steps_that_run]
    sentence = (
        f"Strength {start.strength} of {len(start.timesteps)} steps starts at timestep {first}: z_0 and noise must "
        "be weighted by the square roots of alpha-bar and 1 - alpha-bar there."
    )
    assert_close(z_start, rotated(*start), sentence, tolerance=start.tolerance, like="z_0")


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    for strength in (0.6, 1.0, 0.0):
        start = example(strength)
        after = submission.noise_to_start.called_with(*start).arguments
        for name, before in start._asdict().items():
            sentence = f"noise_to_start must not change its input {name}: it is needed afterwards."
            assert_equal(after[name], before, sentence, what=f"{name} after the call")
