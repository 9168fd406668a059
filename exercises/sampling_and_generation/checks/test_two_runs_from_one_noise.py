"""What an experiment with two samplers must find: both runs are made again here from the noise that was returned."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises._shared import _results
from exercises.sampling_and_generation.checks import _denoisers as exact
from exercises.sampling_and_generation.checks import _two_runs
from grader.checks import CheckFailure, assert_close, assert_equal
from grader.checks import strategies as draw

MOST_RELATED = 0.1  # correlation of two noises of 4096 numbers: by chance it is below 0.06 in 9999 of 10,000 cases


def example(shape=(4, 3), seed=3, dtype=torch.float32):
    """Return the arguments of an experiment on four timesteps."""
    betas = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=dtype)
    model = exact.gaussian(torch.cumprod(1 - betas.double(), dim=0), mean=2.0, std=0.5)
    return _two_runs.Task(model, list(shape), seed, betas, torch.tensor([3, 1, 0]))


@given(task=_two_runs.tasks())
def test_ddim_starts_from_x_T(submission, task):  # noqa: N802
    """DDIM, made again from the returned x_T, gives the returned result."""
    found = _two_runs.runs_of(submission, task)
    expected = _two_runs.ddim_again(task, found)[-1].to(task.betas.dtype)
    sentence = "DDIM from your x_T must lead to your result['ddim']. The run was made again here from your x_T."
    assert_close(found.ddim, expected, sentence, tolerance=task.tolerance)


@given(task=_two_runs.tasks())
def test_ddpm_starts_from_x_T_too(submission, task):  # noqa: N802
    """DDPM, made again from the same x_T with the returned step noise, gives the returned result."""
    found = _two_runs.runs_of(submission, task)
    expected = _two_runs.ddpm_again(task, found)[-1].to(task.betas.dtype)
    sentence = (
        "DDPM from your x_T, with your step_noise, must lead to your result['ddpm']. The run was made again here from "
        "both."
    )
    assert_close(found.ddpm, expected, sentence, tolerance=task.tolerance)


@given(task=_two_runs.tasks())
def test_distances_are_those_at_equal_timesteps(submission, task):
    """Every distance is that of the two pictures at the same timestep; the first is 0, the last that of the results."""
    found = _two_runs.runs_of(submission, task)
    ways = zip(_two_runs.ddpm_again(task, found), _two_runs.ddim_again(task, found), strict=True)
    expected = [float((one - other).abs().mean()) for one, other in ways]
    sentence = (
        f"distances must be those of the two pictures before their steps at the timesteps {task.timesteps.tolist()}, "
        "and of the results. Both runs were made again here from your noise."
    )
    _results.assert_numbers(found.distances, expected, sentence, tolerance=task.tolerance)


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31))
def test_same_seed_same_results(submission, seed):
    """The same seed gives the same results, and another seed gives other noise everywhere."""
    task = example(seed=seed)
    first, second, other = (_two_runs.runs_of(submission, task._replace(seed=each)) for each in (seed, seed, seed + 1))
    for name in ("x_T", "step_noise", "ddpm", "ddim"):
        sentence = f"result['{name}'] must be the same, to the bit, when the seed is the same: {seed}."
        assert_equal(getattr(second, name), getattr(first, name), sentence, what=f"result['{name}']")
    for name in ("x_T", "step_noise"):
        if bool((getattr(first, name) == getattr(other, name)).any()):
            raise CheckFailure(
                f"The seeds {seed} and {seed + 1} must give other numbers in every place of result['{name}'].",
                expected="no number in common",
                actual="numbers in common",
            )
    drawn, of_the_next = ([found.x_T, *found.step_noise] for found in (first, other))
    if any(torch.equal(mine, theirs) for mine in drawn for theirs in of_the_next):
        raise CheckFailure(
            f"No noise of the seed {seed} may be one of the seed {seed + 1}: seed one generator, once.",
            expected="no noise in common",
            actual="a noise in common",
        )


def test_noise_is_normal_and_new_everywhere(submission):
    """x_T and all step noises are standard normal, and none of them has anything to do with another."""
    found = _two_runs.runs_of(submission, example(shape=(64, 64), seed=11))
    noises = torch.cat([found.x_T[None], found.step_noise]).double().flatten(1)
    names = ["x_T", *(f"step_noise[{t}]" for t in range(len(found.step_noise)))]
    for name, noise in zip(names, noises, strict=True):
        moments = [float(noise.mean()), float(noise.square().mean()), float(noise.pow(4).mean())]
        for found_moment, due, room, what in zip(
            moments, (0.0, 1.0, 3.0), (0.1, 0.15, 0.8), ("mean", "mean square", "mean fourth power"), strict=True
        ):
            if not abs(found_moment - due) <= room:
                raise CheckFailure(
                    f"{name} must be standard normal: of 4096 numbers, the {what} must be near {due:g}.",
                    expected=f"{due:g}, give or take {room:g}",
                    actual=f"{found_moment:.3f}",
                )
    related = torch.corrcoef(noises) - torch.eye(len(noises))
    place = int(related.abs().argmax())
    one, other = names[place // len(names)], names[place % len(names)]
    if not float(related.abs().max()) <= MOST_RELATED:
        raise CheckFailure(
            f"{one} and {other} must have nothing to do with one another. Was a generator seeded a second time, or one "
            "noise used for several steps?",
            expected=f"a correlation from -{MOST_RELATED} to {MOST_RELATED}",
            actual=f"a correlation of {float(related.flatten()[place]):.2f}",
        )


def test_keeps_shape_and_dtype(submission):
    """Noise and results have the given shape and the dtype of betas."""
    for shape in draw.SHAPES:
        for dtype in draw.DTYPES:
            _two_runs.runs_of(submission, example(shape, dtype=dtype))


def test_leaves_inputs_alone(submission):
    """The inputs are the same after the call as before it."""
    task = example()
    after = submission.two_runs_from_one_noise.called_with(*task).arguments
    for name in ("shape", "betas", "timesteps"):
        sentence = f"two_runs_from_one_noise must not change its input {name}."
        assert_equal(after[name], getattr(task, name), sentence, what=f"{name} after the call")
