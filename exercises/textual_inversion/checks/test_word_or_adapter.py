"""What the project must find: the losses and drifts of a word and of an adapter, at every strength."""

import pytest
import torch

from exercises._shared import _batches, _results
from exercises.textual_inversion.checks import _both_ways, _measured_networks
from grader.checks import assert_close, assert_equal

# Losses are from 0.001 to 1, drifts from 0.005. Measured: 1e-7 for correct ones, 1e-5 and more for known mistakes.
TOLERANCE = 2e-6
WAYS = ("word", "adapter")


@pytest.mark.parametrize("subject", _both_ways.SUBJECTS)
def test_losses_of_what_was_learned(submission, sd, subject):
    """The losses are those of the learned row and of the learned adapter, each at its strength."""
    found = _both_ways.results_of(submission, _both_ways.learned_task(subject))
    for index, way in enumerate(WAYS):
        sentence = f"losses[{index}] must be those of the {way} at the strengths {_both_ways.STRENGTHS}."
        expected = _both_ways.recorded()[f"{subject}/losses"][index]
        assert_close(found.losses[index], expected, sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize("subject", _both_ways.SUBJECTS)
def test_drifts_of_what_was_learned(submission, subject):
    """A prompt without the token stays as it is with the word, and changes with the adapter, by that much."""
    found = _both_ways.results_of(submission, _both_ways.learned_task(subject))
    sentence = "No caption in others has the token in it, so its row changes nothing there: drifts[0] must be 0."
    assert_close(found.drifts[0], torch.zeros(len(_both_ways.STRENGTHS)), sentence, tolerance=TOLERANCE)
    sentence = f"drifts[1] must be those of the adapter at the strengths {_both_ways.STRENGTHS}."
    assert_close(found.drifts[1], _both_ways.recorded()[f"{subject}/drifts"][1], sentence, tolerance=TOLERANCE)


def test_at_strength_0_the_model_is_as_it_was(submission):
    """At strength 0 both ways have the same loss, and no prompt has changed."""
    task = _both_ways.drawn_task([0.7, 0.0], seed=1)
    found = _both_ways.results_of(submission, task)
    sentence = "At strength 0 both ways are the model as you get it, so losses[0, 1] and losses[1, 1] must be equal."
    assert_close(found.losses[0, 1], found.losses[1, 1], sentence, tolerance=TOLERANCE)
    sentence = "At strength 0 nothing has changed, so drifts[:, 1] must be 0."
    assert_close(found.drifts[:, 1], torch.zeros(2), sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize("power", [1.0, 1.5])
def test_losses_and_drifts_of_drawn_ones(submission, power):
    """Losses and drifts follow each layer's rank and alpha, the token's id, the timesteps and the alpha-bars."""
    found = _both_ways.results_of(submission, _both_ways.pinned_task(power))
    for name in ("losses", "drifts"):
        expected = _both_ways.recorded()[f"drawn/{power:g}/{name}"]
        sentence = (
            f"{name} of a drawn row, for row {_both_ways.pinned_task(power).token_id} of the table, and of a drawn "
            "adapter of three layers, with the ranks 1, 2 and 3 and other alphas."
        )
        assert_close(getattr(found, name), expected, sentence, tolerance=TOLERANCE)


def test_half_the_strength_is_half_of_alpha(submission):
    """Half the strength does what half of every alpha does, and what half of every B does."""
    task = _both_ways.drawn_task([0.5], seed=2)
    halves = {
        "alpha": {layer: (a, b, alpha / 2) for layer, (a, b, alpha) in task.adapter.items()},
        "B": {layer: (a, b / 2, alpha) for layer, (a, b, alpha) in task.adapter.items()},
    }
    half = _both_ways.results_of(submission, task)
    for name, adapter in halves.items():
        whole = _both_ways.results_of(submission, task._replace(adapter=adapter, strengths=[1.0]))
        sentence = f"An adapter at strength 0.5 must do what one with half of every {name} does at strength 1."
        assert_close(half.losses[1], whole.losses[1], sentence, tolerance=TOLERANCE)
        assert_close(half.drifts[1], whole.drifts[1], sentence, tolerance=TOLERANCE)


def test_no_strength_depends_on_the_others(submission):
    """Each strength has the same loss and drift when it is asked alone, or in another order."""
    task = _both_ways.drawn_task([0.4, 1.0, 0.2], seed=3)
    found = _both_ways.results_of(submission, task)
    turned = _both_ways.results_of(submission, task._replace(strengths=[0.2, 0.4]))
    sentence = "The strengths [0.2, 0.4] must have what they have among [0.4, 1.0, 0.2]."
    assert_close(turned.losses, found.losses[:, [2, 0]], sentence, tolerance=TOLERANCE)
    assert_close(turned.drifts, found.drifts[:, [2, 0]], sentence, tolerance=TOLERANCE)


def test_every_picture_counts_the_same(submission):
    """Losses and drifts are the same however the pictures are shared out among batches."""
    task = _both_ways.drawn_task([0.8], seed=4)
    shown, others = (_batches.joined(batches) for batches in (task.shown, task.others))
    found = _both_ways.results_of(submission, task._replace(shown=[shown], others=[others]))
    parts = {"shown": _batches.in_batches(shown, [1, 2]), "others": _batches.in_batches(others, [2, 1])}
    shared = _both_ways.results_of(submission, task._replace(**parts))
    sentence = "Three pictures come in batches of one and two instead of one batch: {} must not change."
    assert_close(shared.losses, found.losses, sentence.format("losses"), tolerance=TOLERANCE)
    assert_close(shared.drifts, found.drifts, sentence.format("drifts"), tolerance=TOLERANCE)


@pytest.mark.parametrize("layers", [1, 3])
def test_numbers_that_were_learned(submission, layers):
    """The word has as many numbers as its row, the adapter as many as all its matrices."""
    task = _both_ways.drawn_task([0.0], seed=5)
    adapter = dict(list(task.adapter.items())[-layers:])
    found = _both_ways.results_of(submission, task._replace(adapter=adapter))
    expected = [len(task.row), sum(a.numel() + b.numel() for a, b, _ in adapter.values())]
    sentence = f"numbers must be those of the row and of all A and B. The adapter has {layers} of its layers here."
    _results.assert_numbers(found.numbers, expected, sentence, tolerance=1e-6)


def test_all_weights_are_as_before(submission):
    """After the call every weight of the U-Net and of the text encoder is what it was, to the bit, under its name."""
    task = _both_ways.drawn_task([0.6], seed=6)
    _both_ways.results_of(submission, task)
    _measured_networks.assert_as_before(submission, task.text_encoder, task.unet)


def test_leaves_inputs_alone(submission):
    """Row, adapter, strengths, batches and alpha-bars are the same after the call as before it."""
    task = _both_ways.drawn_task([1.0, 0.3], seed=7)
    after = submission.word_or_adapter.called_with(*task).arguments
    for name in ("row", "adapter", "strengths", "shown", "others", "alphas_cumprod"):
        sentence = f"word_or_adapter must not change its input {name}."
        assert_equal(after[name], getattr(task, name), sentence, what=f"{name} after the call")
