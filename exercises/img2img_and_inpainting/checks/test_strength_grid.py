"""What an experiment on strengths must find: its runs are the pipelines', and what it measured is true of them."""

import pytest

from exercises._shared import _results
from exercises._shared._model import asked_timesteps, assert_rising, assert_same_latents
from exercises.img2img_and_inpainting.checks import _grids
from grader.checks import CheckFailure, assert_close, assert_equal

STEPS_OF_6 = {0.0: 0, 0.1: 0, 0.3: 1, 0.7: 4, 0.95: 5, 1.0: 6}  # int(6 * strength)
MIXED = [0.65, 0.0, 1.0, 0.3]


@pytest.mark.parametrize(("kind", "seed"), [("ddim", 0), ("dpm++", 1), ("euler", 2)])
def test_latents_are_the_pipelines(submission, sd, kind, seed):
    """At every strength the latents are those of the pipeline, under each of three samplers, as often as it is used."""
    run = _grids.task(sd, MIXED, num_inference_steps=4, seed=seed)
    found = _grids.grid_of(submission, sd, run, kind)
    for place, strength in enumerate(MIXED):
        expected = _grids.pipelines(sd, run, strength, kind) if strength else run["z_0"]
        sentence = f"latents[{place}], at strength {strength} under {kind}, must be what img2img makes of z_0."
        assert_same_latents(sd, found.latents[[place]], expected, sentence, run)


@pytest.mark.parametrize("kind", ["ddim", "euler"])
def test_steps_and_starts_are_those_of_the_sampler(submission, sd, kind):
    """Every strength has its number of steps and the sampler's own timestep at which they begin, None without steps."""
    strengths = [0.95, 0.1, 0.3, 1.0, 0.7]
    found = _grids.grid_of(submission, sd, _grids.task(sd, strengths, side=4), kind)
    steps, timesteps = [STEPS_OF_6[strength] for strength in strengths], sd.timesteps(6, kind)
    sentence = f"steps must be int(6 * strength) for the strengths {strengths}."
    _results.assert_numbers(found.steps, steps, sentence, tolerance=1e-6)
    starts = [timesteps[-count] if count else None for count in steps]
    sentence = f"start_timesteps under {kind} must be where the last {steps} of scheduler.timesteps begin."
    _grids.assert_starts(found.start_timesteps, starts, sentence)


def test_without_a_step_the_picture_stays(submission, sd):
    """At strength 0, and where not one step fits, the result is z_0 to the bit, at distance 0; at others it is not."""
    run = _grids.task(sd, [0.1, 0.7, 0.0], seed=3, side=4)
    found = _grids.grid_of(submission, sd, run, "euler")
    for place in (0, 2):
        sentence = (
            f"At strength {run['strengths'][place]} of 6 steps none runs: latents[{place}] must be z_0, to the bit."
        )
        assert_equal(found.latents[[place]], run["z_0"], sentence, what=f"latents[{place}]")
    sentence = "Where no step runs the distance must be 0, and elsewhere it must not."
    if not found.distances[0] == found.distances[2] == 0 < found.distances[1]:
        raise CheckFailure(sentence, expected="[0, more than 0, 0]", actual=f"{found.distances}")


def test_distances_are_those_of_the_latents(submission, sd):
    """Every distance is the mean absolute difference of that result and z_0."""
    run = _grids.task(sd, [0.95, 0.3, 0.7], seed=2)
    found = _grids.grid_of(submission, sd, run)
    expected = _grids.mean_distances(found.latents, run["z_0"])
    largest = max(expected)
    if not largest > 0:
        raise CheckFailure("result['latents'] must not be z_0 where steps have run.")
    sentence = (
        "distances[i] must be the mean of |latents[i] - z_0|. Your latents were measured again here, and all distances "
        "are divided by the largest of these."
    )
    actual, expected = ([each / largest for each in distances] for distances in (found.distances, expected))
    _results.assert_numbers(actual, expected, sentence, tolerance=_grids.DISTANCE_TOLERANCE)


@pytest.mark.parametrize("kind", ["dpm++", "euler"])
def test_no_strength_depends_on_the_others(submission, sd, kind):
    """Every strength has the same result when the others are left out, or come in another order."""
    run = _grids.task(sd, [0.3, 0.95, 0.7], seed=1, side=4)
    found = _grids.grid_of(submission, sd, run, kind)
    other = _grids.grid_of(submission, sd, run | {"strengths": [0.7, 0.3]}, kind)
    sentence = f"Under {kind} the strengths [0.7, 0.3] must have the same latents as in the grid of [0.3, 0.95, 0.7]."
    assert_close(other.latents, found.latents[[2, 0]], sentence, tolerance=sd.tolerance(run))
    if not float((found.latents[0] - found.latents[2]).abs().max()) > 10 * sd.tolerance(run):
        raise CheckFailure("Strengths 0.3 and 0.7 of 6 steps run another number of steps, and have other latents.")


def test_equal_steps_have_equal_results(submission, sd):
    """Two strengths with the same number of steps share picture, noise and timesteps, and so the result."""
    run = _grids.task(sd, [0.55, 0.95, 0.65], seed=2, side=4)
    found = _grids.grid_of(submission, sd, run, "euler")
    sentence = (
        "Strengths 0.55 and 0.65 of 6 steps both run 3: from the same picture and the same noise, their latents must "
        "be equal."
    )
    assert_close(found.latents[2], found.latents[0], sentence, tolerance=sd.tolerance(run))
    if not float((found.latents[0] - found.latents[1]).abs().max()) > 10 * sd.tolerance(run):
        raise CheckFailure("Strengths 0.55 and 0.95 of 6 steps run another number of steps, and have other latents.")


def test_asks_for_the_last_timesteps_of_each_run(submission, sd):
    """The U-Net is asked for the last timesteps, as many as every strength lets run, and for none at strength 0."""
    strengths, timesteps = [0.7, 0.0, 0.55], sd.timesteps(6)
    submission.strength_grid(sd.unet, sd.scheduler(), **_grids.task(sd, strengths, side=4))
    asked = asked_timesteps(submission.read.calls(sd.unet))
    sentence = (
        f"For the strengths {strengths} of 6 steps, the last 4, none and the last 3 timesteps must run, each once. "
        "They are sorted here, the noisiest first."
    )
    expected = sorted(timesteps[-4:] + timesteps[-3:], reverse=True)
    assert_equal(sorted(asked, reverse=True), expected, sentence, what="What was asked for")


def test_more_strength_leads_further_away(submission, sd):
    """With the same noise, more strength leads further away from the picture."""
    run = _grids.task(sd, [0.95, 0.3, 0.7], seed=4, side=16)
    strong, weak, middle = _grids.grid_of(submission, sd, run).distances
    sentence = "Strengths 0.3, 0.7 and 0.95 of the same picture and noise must have greater and greater distances."
    assert_rising([weak, middle, strong], sentence)


def test_leaves_inputs_alone(submission, sd):
    """The inputs are the same after the call as before it."""
    run = _grids.task(sd, [1.0, 0.3], side=4)
    after = submission.strength_grid.called_with(sd.unet, sd.scheduler("euler"), **run).arguments
    for name in ("z_0", "noise", "strengths", "text_embeddings"):
        sentence = f"strength_grid must not change its input {name}."
        assert_equal(after[name], run[name], sentence, what=f"{name} after the call")
