"""What an experiment with two samplers must find on pictures of two kinds of pixels and on a longer schedule."""

import torch
from hypothesis import given, settings

from exercises._shared import _results
from exercises._shared._schedules import alpha_bars, make_betas
from exercises.sampling_and_generation.checks import _denoisers as exact
from exercises.sampling_and_generation.checks import _two_runs
from grader.checks import assert_close

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))


def assert_true_of_its_noise(found, task):
    """Raise `CheckFailure` unless both results and all distances are those of runs from the returned noise."""
    ddpm, ddim = _two_runs.ddpm_again(task, found), _two_runs.ddim_again(task, found)
    for name, way in (("ddpm", ddpm), ("ddim", ddim)):
        sentence = f"result['{name}'] must be that of a run from your noise, for every picture of the batch."
        assert_close(getattr(found, name), way[-1].to(task.betas.dtype), sentence, tolerance=task.tolerance)
    expected = [float((one - other).abs().mean()) for one, other in zip(ddpm, ddim, strict=True)]
    sentence = "distances must be those of the two pictures at equal timesteps, and of the results."
    _results.assert_numbers(found.distances, expected, sentence, tolerance=task.tolerance)


@settings(max_examples=12)
@given(task=_two_runs.tasks(data="mixture", choices=PICTURES))
def test_pictures_of_two_kinds_of_pixels(submission, task):
    """On pictures of two kinds of pixels, results and distances are those of runs from the returned noise."""
    assert_true_of_its_noise(_two_runs.runs_of(submission, task), task)


def test_schedule_of_100_steps(submission):
    """On a schedule of 100 steps, of which DDIM visits nine, results and distances are true of the noise."""
    betas = make_betas("linear", 100)
    model = exact.gaussian(alpha_bars(betas), mean=-1.0, std=0.75)
    task = _two_runs.Task(model, [2, 5], 7, betas, torch.arange(99, 0, -11))
    assert_true_of_its_noise(_two_runs.runs_of(submission, task), task)
