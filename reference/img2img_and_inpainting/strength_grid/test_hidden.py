"""What an experiment on strengths must find on other pictures, other samplers and other numbers of steps."""

import pytest

from exercises._shared import _results
from exercises._shared._model import assert_same_latents
from exercises.img2img_and_inpainting.checks import _grids


@pytest.mark.parametrize(
    ("kind", "num_inference_steps", "strengths"),
    [("dpm++", 8, [0.9, 0.3, 0.05, 0.55]), ("euler, leading", 5, [0.1, 1.0, 0.5, 0.7]), ("ddim", 3, [0.9, 1.0, 0.4])],
)
def test_other_samplers_and_lengths(submission, sd, kind, num_inference_steps, strengths):
    """Other strengths and numbers of steps give the pipeline's results, and everything measured is true of them."""
    run = _grids.task(sd, strengths, num_inference_steps, seed=num_inference_steps)
    run |= {name: run[name][..., :6, :] for name in ("z_0", "noise")}
    found = _grids.grid_of(submission, sd, run, kind)
    steps = [int(num_inference_steps * strength) for strength in strengths]
    of = f"for the strengths {strengths} of {num_inference_steps} steps under {kind}"
    _results.assert_numbers(found.steps, steps, f"steps must follow the statement {of}.", tolerance=1e-6)
    timesteps = sd.timesteps(num_inference_steps, kind)
    starts = [timesteps[-count] if count else None for count in steps]
    _grids.assert_starts(found.start_timesteps, starts, f"start_timesteps must follow the statement {of}.")
    for place, strength in enumerate(strengths):
        expected = _grids.pipelines(sd, run, strength, kind) if steps[place] else run["z_0"]
        sentence = f"latents[{place}] must be what img2img makes of z_0, {of}."
        assert_same_latents(sd, found.latents[[place]], expected, sentence, run)
    expected = _grids.mean_distances(found.latents, run["z_0"])
    sentence = f"distances must follow the statement {of}."
    _results.assert_numbers(found.distances, expected, sentence, tolerance=_grids.DISTANCE_TOLERANCE)
