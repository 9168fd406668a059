"""What an experiment with two adapters must find: what the U-Net predicts, and how far that is from a sum."""

import pytest
import torch

from exercises._shared import _results
from exercises._shared._training import assert_same_weights
from exercises.lora_finetuning.checks import _two_adapters as two
from exercises.lora_finetuning.checks._unets import own
from grader.checks import CheckFailure, assert_close, assert_equal

TOLERANCE = 1e-4  # of the largest number; measured: 1e-6 for correct ones, 1e-2 and more for known mistakes


ALONE = {
    "neither": "as you get it, without any adapter",
    "first": "with first alone, which has seen things on pink: alpha / r times B A added to each of its layers",
    "second": "with second alone, which has seen things at night, and no trace of first",
}


@pytest.mark.parametrize("timestep", two.TIMESTEPS)
@pytest.mark.parametrize("name", ALONE)
def test_each_adapter_alone(submission, sd, name, timestep):
    """Without an adapter and with each alone, the U-Net predicts what no adapter, or this one, makes of it."""
    found = two.results_of(submission, two.trained_task(sd, timestep))
    sentence = f"result['{name}'] must be what the U-Net predicts {ALONE[name]}."
    assert_close(getattr(found, name), two.predicted(timestep, name), sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize("timestep", two.TIMESTEPS)
def test_both_at_once(submission, sd, timestep):
    """With both adapters in its weights, the U-Net predicts what the sum of their changes makes of it."""
    found = two.results_of(submission, two.trained_task(sd, timestep))
    sentence = "With both in the weights: each adds alpha / r times B A of its own to the same W."
    assert_close(found.both, two.predicted(timestep, "both"), sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize(
    ("parts", "how"), [(two.by_ranks, "ranks"), (two.by_layers, "layers")], ids=["ranks", "layers"]
)
def test_parts_of_one_adapter_make_the_whole(submission, parts, how):
    """An adapter in two parts, by its ranks or by its layers, does together what the whole does alone."""
    task = two.small_task(seed=1)
    whole = task.second
    first, second = parts(whole)
    together = two.results_of(submission, task._replace(first=first, second=second)).both
    alone = two.results_of(submission, task._replace(first=whole, second={})).first
    sentence = (
        f"Here first and second are one adapter, shared out by its {how}, each part with alphas that keep "
        "alpha / r. So both parts must do together what the whole does alone."
    )
    assert_close(together, alone, sentence, tolerance=TOLERANCE)


def test_twice_alpha_is_twice_b(submission):
    """An adapter with twice the alpha does what one with twice the B does, and more than the adapter itself."""
    task = two.small_task(seed=2)
    alpha = {layer: (a, b, 2 * alpha) for layer, (a, b, alpha) in task.first.items()}
    b = {layer: (a, 2 * b, alpha) for layer, (a, b, alpha) in task.first.items()}
    found = two.results_of(submission, task._replace(first=alpha, second=b))
    sentence = (
        "Here first is an adapter with twice its alpha, and second the same one with twice its B. What is added to a "
        "weight is alpha / r times B A, so both must do the same."
    )
    assert_close(found.first, found.second, sentence, tolerance=TOLERANCE)


def test_order_of_the_adapters_does_not_matter(submission):
    """Whichever adapter comes first, each does the same alone, and both do the same together."""
    task = two.small_task(seed=3)
    one = two.results_of(submission, task)
    other = two.results_of(submission, task._replace(first=task.second, second=task.first))
    for name, turned in (("first", "second"), ("second", "first"), ("both", "both")):
        sentence = f"If the adapters change places, result['{name}'] must be what result['{turned}'] was."
        assert_close(getattr(other, name), getattr(one, turned), sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize("empty", ["first", "second"])
def test_an_empty_adapter_changes_nothing(submission, empty):
    """An adapter without layers does nothing: the prediction stays as it was, and nothing interferes."""
    task = two.small_task(seed=4)
    found = two.results_of(submission, task._replace(**{empty: {}}))
    other = "second" if empty == "first" else "first"
    sentence = f"{empty} is empty, so result['{empty}'] must be result['neither']."
    assert_close(getattr(found, empty), found.neither, sentence, tolerance=TOLERANCE)
    sentence = f"{empty} is empty, so result['both'] must be result['{other}']."
    assert_close(found.both, getattr(found, other), sentence, tolerance=TOLERANCE)
    sentence = f"{empty} is empty, so nothing interferes."
    _results.assert_numbers(found.interference, [0.0] * len(task.latents), sentence, tolerance=1e-3)


def test_adapters_that_do_nothing_do_not_interfere(submission):
    """Where both adapters are zero, the interference is 0.0, and not the outcome of a division by zero."""
    task = two.small_task(seed=5)
    silent = {layer: (a, torch.zeros_like(b), alpha) for layer, (a, b, alpha) in task.first.items()}
    found = two.results_of(submission, task._replace(first=silent, second={}))
    sentence = "Neither adapter does anything, so the interference is 0.0 for every picture."
    _results.assert_numbers(found.interference, [0.0] * len(task.latents), sentence, tolerance=1e-6)


@pytest.mark.parametrize("batch", [1, 3])
def test_interference_is_that_of_the_predictions(submission, batch):
    """Each picture's interference is what the four returned predictions of this picture say."""
    found = two.results_of(submission, two.small_task(seed=6, batch=batch))
    neither, first, second, both = (each.double().flatten(1) for each in found[:4])
    rest, change = both - (first + second - neither), both - neither
    if not bool(change.any(dim=1).all()):
        raise CheckFailure("Both adapters change what is predicted, so result['both'] must not be result['neither'].")
    expected = (rest.abs().sum(dim=1) / change.abs().sum(dim=1)).tolist()
    sentence = (
        "The interference of a picture is the mean of |both - first - second + neither| divided by the mean of "
        "|both - neither|. Both were computed again here from your predictions."
    )
    _results.assert_numbers(found.interference, expected, sentence, tolerance=1e-4)


def test_unet_is_as_before(submission):
    """After the call every weight of the U-Net is what it was before, to the bit, under its name."""
    task = two.small_task(seed=7)
    two.results_of(submission, task)
    assert_same_weights(submission.read.state_dict(task.unet), own(task.unet).state_dict(), "the U-Net")


def test_leaves_inputs_alone(submission):
    """The adapters and the other inputs are the same after the call as before it."""
    task = two.small_task(seed=8)
    after = submission.lora_interference.called_with(*task).arguments
    for name in ("first", "second", "latents", "text_embeddings"):
        sentence = f"lora_interference must not change its input {name}."
        assert_equal(after[name], getattr(task, name), sentence, what=f"{name} after the call")
