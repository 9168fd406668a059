"""What alpha-bar at the start of img2img must be, checked without knowing a solution."""

import torch
from hypothesis import given, settings

from exercises._shared import _results, _schedules
from exercises.img2img_and_inpainting.checks import _starts
from grader.checks import assert_equal

EXACT = 1e-6  # the number is looked up, not computed: room for float32 only
TIMESTEPS = torch.tensor([9, 7, 5, 3, 1])
UNEVEN_TIMESTEPS = torch.tensor([9, 8, 4, 1])
ALPHAS_CUMPROD = torch.tensor([0.99, 0.95, 0.9, 0.8, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1])
UNEVEN = [
    _starts.Position(strength, UNEVEN_TIMESTEPS, ALPHAS_CUMPROD, running)
    for strength, running in ((0.3, 1), (0.6, 2), (0.9, 3))
]


def assert_alpha_bar(actual, expected, sentence):
    """Compare two floats as precisely as they are looked up."""
    _results.assert_numbers([_results.result(actual)], [expected], sentence, tolerance=EXACT)


def test_worked_example(submission):
    """The function reproduces the worked example of the statement."""
    for strength, expected in ((1.0, 0.1), (0.5, 0.8), (0.1, 1.0)):
        actual = submission.start_alpha_bar(strength, TIMESTEPS, ALPHAS_CUMPROD)
        assert_alpha_bar(actual, expected, f"In the worked example, strength {strength} starts at {expected}.")


def test_known_numbers_of_stable_diffusion(submission):
    """On Stable Diffusion's schedule, 50 steps of each spacing start at the alpha-bar of the statement."""
    alphas_cumprod = _schedules.make_alphas_cumprod("scaled_linear", 1000).float()
    for spacing, offset, expected in (("leading", 1, 0.094637), ("linspace", 0, 0.086843), ("trailing", 0, 0.083128)):
        timesteps = _schedules.spaced_timesteps(spacing, 50, 1000, steps_offset=offset)
        actual = submission.start_alpha_bar(0.7, timesteps, alphas_cumprod)
        first, last = timesteps[0].item(), timesteps[-1].item()
        sentence = f"Strength 0.7 of the 50 timesteps {first} to {last} starts at alpha-bar {expected}."
        assert_alpha_bar(actual, expected, sentence)


@settings(max_examples=15)
@given(position=_starts.positions(part="none"))
def test_nothing_runs_gives_one(submission, position):
    """With a strength of 0, or of less than one step, nothing runs and the result is 1."""
    actual = submission.start_alpha_bar(**position.arguments)
    sentence = f"With n = {len(position.timesteps)}, strength {position.strength} runs no step, so no noise is added."
    assert_alpha_bar(actual, 1.0, sentence)


@settings(max_examples=15)
@given(position=_starts.positions(part="all"))
def test_full_strength_starts_at_the_first_timestep(submission, position):
    """At strength 1 everything runs: the result is alpha-bar at the sampler's first timestep."""
    expected = float(position.alphas_cumprod[position.timesteps[0]])
    actual = submission.start_alpha_bar(**position.arguments)
    assert_alpha_bar(actual, expected, f"Strength 1 starts at the first timestep, {position.timesteps[0]}.")


@given(position=_starts.positions())
def test_start_is_on_the_samplers_timesteps(submission, position):
    """In between, the result is alpha-bar at the first of the sampler's timesteps that run."""
    for here in (position, *UNEVEN):
        start = here.timesteps[-here.running]
        expected = float(here.alphas_cumprod[start])
        actual = submission.start_alpha_bar(**here.arguments)
        sentence = (
            f"Strength {here.strength} runs the last {here.running} of {len(here.timesteps)} timesteps, "
            f"so it starts at timestep {start}."
        )
        assert_alpha_bar(actual, expected, sentence)


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    for strength in (0.5, 0.0):
        arguments = {"strength": strength, "timesteps": TIMESTEPS, "alphas_cumprod": ALPHAS_CUMPROD}
        after = submission.start_alpha_bar.called_with(**arguments).arguments
        for name, before in arguments.items():
            sentence = f"start_alpha_bar must not change its input {name}: the sampler needs it."
            assert_equal(after[name], before, sentence, what=f"{name} after the call")
