"""What an experiment on checkpoints must find: two losses and a drift for each, and which one to keep."""

import pytest
import torch

from exercises._shared import _batches, _results
from exercises._shared._training import assert_same_weights
from exercises.lora_finetuning.checks import _checkpoints as saved
from exercises.lora_finetuning.checks._unets import own
from grader.checks import CheckFailure, assert_equal

SOME = (1, 5)  # of the trained checkpoints
TINY = 1e-6  # for what must be zero, or the same number twice

LOSSES = {"trained_on": "the pictures that the adapter was trained on", "held_out": "the pictures that were held out"}


def asked(which, sd):
    """Return an experiment and what was recorded of it: on two trained checkpoints or small ones."""
    if which == "small":
        return saved.small_task(), saved.measured("small")
    task, expected = saved.trained_task(sd), saved.measured("gem")
    some = [[numbers[place] for place in SOME] for numbers in (task.checkpoints, *expected[:3])]
    return task._replace(checkpoints=some[0]), saved.Found(*some[1:], keep=saved.first_of_the_least(some[2]))


@pytest.mark.parametrize("which", ["gem", "small"])
def test_losses(submission, sd, which):
    """With each checkpoint in the weights, the losses on the two lists of pictures are those that were recorded."""
    task, expected = asked(which, sd)
    found = saved.results_of(submission, task)
    for name, what in LOSSES.items():
        sentence = (
            f"result['{name}'] must be the loss on {what}, for each checkpoint. What is compared are your numbers "
            "divided by the right ones."
        )
        saved.assert_each(getattr(found, name), getattr(expected, name), sentence)


@pytest.mark.parametrize("which", ["gem", "small"])
def test_drift(submission, sd, which):
    """The drift is how far each checkpoint moves what the U-Net predicts for other pictures, as was recorded."""
    task, expected = asked(which, sd)
    found = saved.results_of(submission, task)
    sentence = (
        "result['drift'] must be the mean of (noise_pred with the checkpoint - noise_pred without any)^2 over all "
        "numbers of all pictures of others. What is compared are your numbers divided by the right ones."
    )
    saved.assert_each(found.drift, expected.drift, sentence)


def test_keeps_the_gem_before_it_is_learned_by_heart(submission, sd):
    """Of the trained checkpoints, the one to keep is neither the last nor the best on what it was trained on."""
    task, expected = saved.trained_task(sd), saved.measured("gem").keep
    found = saved.results_of(submission, task._replace(trained_on=task.trained_on[:1], others=task.others[:1]))
    sentence = (
        f"Of the checkpoints after {', '.join(map(str, saved.STEPS))} steps, the one after {saved.STEPS[expected]} "
        "does best on the pictures that were held out."
    )
    assert_equal(found.keep, expected, sentence, what="result['keep']")


@pytest.mark.parametrize("seed", saved.SEEDS_OF_KEEP)
def test_keep_is_where_held_out_is_lowest(submission, seed):
    """Whatever the order of the checkpoints, the one to keep is the one with the lowest of the held-out losses."""
    found = saved.results_of(submission, saved.small_task(seed=seed, count=5))
    sentence = f"'keep' must be the place of the lowest of your own numbers in 'held_out', {rounded(found.held_out)}."
    assert_equal(found.keep, saved.first_of_the_least(found.held_out), sentence, what="result['keep']")


def test_of_equal_checkpoints_the_first_is_kept(submission):
    """If several checkpoints are equally good on what was held out, the first of them is kept."""
    task = saved.small_task(seed=5)
    found = saved.results_of(submission, task._replace(checkpoints=[{}] * 3))
    sentence = "Three empty checkpoints change nothing, so 'held_out' must have the same number three times."
    _results.assert_numbers(found.held_out[1:], found.held_out[:1] * 2, sentence, tolerance=TINY)
    sentence = "Three empty checkpoints are equally good, so 'keep' must be 0, the place of the first."
    assert_equal(found.keep, saved.first_of_the_least(found.held_out), sentence, what="result['keep']")


def rounded(numbers):
    """Return numbers as a message shows them."""
    return [round(number, 4) for number in numbers]


def test_an_empty_checkpoint_changes_nothing(submission):
    """An adapter without layers has no drift, and the same losses wherever it stands among others."""
    task = saved.small_task(seed=6)
    one, other = task.checkpoints[:2]
    found = saved.results_of(submission, task._replace(checkpoints=[{}, one, {}, other]))
    sentence = "The checkpoints at 0 and 2 are empty, so their drift must be 0."
    _results.assert_numbers([found.drift[0], found.drift[2]], [0.0, 0.0], sentence, tolerance=TINY)
    if not min(found.drift[1], found.drift[3]) > TINY:
        raise CheckFailure("The checkpoints at 1 and 3 change what is predicted, so their drift must not be 0.")
    for name in LOSSES:
        numbers = getattr(found, name)
        sentence = f"The checkpoints at 0 and 2 are empty, so result['{name}'] must have the same number there."
        _results.assert_numbers(numbers[2:3], numbers[:1], sentence, tolerance=TINY)


def test_no_checkpoint_depends_on_the_others(submission):
    """Every checkpoint has the same numbers alone as among others, in whatever order."""
    task = saved.small_task(seed=7)
    found = saved.results_of(submission, task)
    for places in ([3, 1, 0, 2], [2]):
        other = saved.results_of(submission, task._replace(checkpoints=[task.checkpoints[place] for place in places]))
        for name in saved.MEASURED:
            numbers = getattr(found, name)
            sentence = f"For the checkpoints {places} of the same four, result['{name}'] must have the same numbers."
            expected = [numbers[place] for place in places]
            _results.assert_numbers(getattr(other, name), expected, sentence, tolerance=saved.TOLERANCE)


def test_every_picture_counts_alike(submission):
    """However the pictures are divided into batches, all numbers are the same."""
    task = saved.small_task(seed=8, count=2)
    found = saved.results_of(submission, task)
    whole = {name: _batches.joined(getattr(task, name)) for name in saved.LISTS}
    for divided, sizes in (("one batch", (6,)), ("batches of 1, 3 and 2", (1, 3, 2))):
        lists = {name: _batches.in_batches(batch, sizes) for name, batch in whole.items()}
        other = saved.results_of(submission, task._replace(**lists))
        for name in saved.MEASURED:
            sentence = f"With the same pictures in {divided}, result['{name}'] must have the same numbers."
            expected = getattr(found, name)
            _results.assert_numbers(getattr(other, name), expected, sentence, tolerance=saved.TOLERANCE)


def test_twice_alpha_is_twice_b(submission):
    """A checkpoint with twice the alpha has the numbers of one with twice the B, and not those of the checkpoint."""
    task = saved.small_task(seed=9)
    once = task.checkpoints[2]
    alpha = {layer: (a, b, 2 * alpha) for layer, (a, b, alpha) in once.items()}
    b = {layer: (a, 2 * b, alpha) for layer, (a, b, alpha) in once.items()}
    found = saved.results_of(submission, task._replace(checkpoints=[alpha, b]))
    for name in saved.MEASURED:
        numbers = getattr(found, name)
        sentence = (
            "Here the first checkpoint has twice the alpha of an adapter, and the second twice its B. What is added to "
            f"a weight is alpha / r times B A, so result['{name}'] must have the same number twice."
        )
        _results.assert_numbers(numbers[:1], numbers[1:], sentence, tolerance=saved.TOLERANCE)


def test_drift_compares_predictions_alone(submission):
    """Where no noise is mixed in, it does not matter to the drift which noise stands beside the pictures."""
    task = saved.small_task(seed=10)._replace(alphas_cumprod=torch.ones(80))
    others = [{**batch, "noise": batch["noise"].flip(0) - 1} for batch in task.others]
    found, other = (saved.results_of(submission, each) for each in (task, task._replace(others=others)))
    sentence = (
        "With all alphas_cumprod at 1 the U-Net sees the clean latents. So the noise of the pictures of others is not "
        "seen, and nothing is compared with it: with another noise the drift must be the same."
    )
    _results.assert_numbers(other.drift, found.drift, sentence, tolerance=saved.TOLERANCE)


def test_unet_is_as_before(submission):
    """After the call every weight of the U-Net is what it was before, to the bit, under its name."""
    task = saved.small_task(seed=11)
    saved.results_of(submission, task)
    assert_same_weights(submission.read.state_dict(task.unet), own(task.unet).state_dict(), "the U-Net")


def test_leaves_inputs_alone(submission):
    """Checkpoints, batches and alpha-bars are the same after the call as before it."""
    task = saved.small_task(seed=12)
    after = submission.lora_checkpoints.called_with(*task).arguments
    for name in task._fields[1:]:
        sentence = f"lora_checkpoints must not change its input {name}."
        assert_equal(after[name], getattr(task, name), sentence, what=f"{name} after the call")
