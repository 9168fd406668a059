"""What an experiment with checkpoints must find: losses under the same noise, distances, words, and the best row."""

import pytest
import torch

from exercises.textual_inversion.checks import _checkpoints, _embeddings, _measured_networks, _similar_rows
from grader.checks import CheckFailure, assert_close, assert_equal

# Losses are from 0.002 to 0.5. Measured: 1e-8 for correct ones, 1e-5 and more for known mistakes.
TOLERANCE = 1e-6


def test_losses_of_real_runs(submission, sd):
    """The losses of two real runs are those of their rows, asked about the same pictures under the same noise."""
    found = _checkpoints.results_of(submission, _checkpoints.real_task())
    sentence = (
        "losses[r, k] must be the mean squared error of the predicted noise with rows[r, k] in the place of the token."
    )
    assert_close(found.losses, _checkpoints.recorded()["losses/real"], sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize("power", [1.0, 1.5])
def test_losses_of_drawn_rows(submission, power):
    """Losses follow the token's id, the timestep of each picture and the alpha-bars that are given."""
    task = _checkpoints.pinned_task(power)
    found = _checkpoints.results_of(submission, task)
    sentence = (
        f"The token is row {task.token_id} of the table here, and the {len(_embeddings.TOKENS)} rows from "
        f"{_embeddings.first_id()} on are those of new tokens. Each loss must be that of its own row there, with "
        "the alpha-bars that were given, at the timestep of each picture."
    )
    assert_close(found.losses, _checkpoints.recorded()[f"losses/drawn/{power:g}"], sentence, tolerance=TOLERANCE)


@pytest.mark.parametrize("sizes", [(3, 1), (1, 1, 2)])
def test_every_picture_counts_the_same(submission, sizes):
    """The losses are the same however the pictures are shared out among batches."""
    at_once = _checkpoints.drawn_task(runs=1, checkpoints=2, seed=2, sizes=(4,))
    shared = at_once._replace(batches=_checkpoints.batches_of(sizes, 2, timesteps=_checkpoints.DRAWN))
    expected = _checkpoints.results_of(submission, at_once).losses
    actual = _checkpoints.results_of(submission, shared).losses
    sentence = (
        f"Four pictures come in batches of {' and '.join(map(str, sizes))} instead of one. Every picture counts the "
        "same, so the losses must not change."
    )
    assert_close(actual, expected, sentence, tolerance=TOLERANCE)


def test_no_checkpoint_depends_on_the_others(submission):
    """Each row has the same loss and the same word when runs and checkpoints come in another order, or alone."""
    task = _checkpoints.drawn_task(runs=2, checkpoints=3, seed=3)
    found = _checkpoints.results_of(submission, task)
    turned = _checkpoints.results_of(submission, task._replace(rows=task.rows.flip(0, 1)))
    alone = _checkpoints.results_of(submission, task._replace(rows=task.rows[1:, 2:]))
    sentence = "With runs and checkpoints in reverse order, the losses must be those of before in reverse order."
    assert_close(turned.losses.flip(0, 1), found.losses, sentence, tolerance=TOLERANCE)
    sentence = "A row that is asked alone must have the loss that it has among others."
    assert_close(alone.losses, found.losses[1:, 2:], sentence, tolerance=TOLERANCE)
    sentence = "With runs and checkpoints in reverse order, the nearest words must be those of before in reverse order."
    assert_equal(turned.nearest.flip(0, 1), found.nearest, sentence, what="result['nearest']")


def test_distances_are_from_the_start_of_the_run(submission):
    """Every distance is the length of the way from the first row of the same run."""
    task = _checkpoints.drawn_task(runs=2, checkpoints=4, seed=4, sizes=(1,))
    found = _checkpoints.results_of(submission, task)
    differences = (task.rows - task.rows[:, :1]).double()
    expected = differences.square().sum(dim=-1).sqrt().float()
    sentence = "distances[r, k] must be the length of rows[r, k] - rows[r, 0]."
    assert_close(found.distances, expected, sentence, tolerance=1e-5)


def test_nearest_words_are_those_of_the_largest_cosine(submission):
    """Every nearest word has the largest cosine similarity of all rows but the token's own."""
    task = _checkpoints.near_task()
    found = _checkpoints.results_of(submission, task)
    table = _measured_networks.table_of(task.text_encoder)
    cosines = torch.stack([_similar_rows.cosines(row, table) for row in task.rows.flatten(0, 1)])
    cosines[:, task.token_id] = -1.0
    expected = cosines.argmax(dim=1).reshape(found.nearest.shape)
    sentence = (
        "nearest[r, k] must be the id of the row of the table with the largest cosine similarity to rows[r, k], "
        f"row {task.token_id} left out. A row may be near because of its direction, and never because it is long."
    )
    assert_equal(found.nearest, expected, sentence, what="result['nearest']")


def test_best_is_the_lowest_loss(submission):
    """The best checkpoint is the one of the lowest loss, wherever it is; of equal ones the first."""
    task = _checkpoints.drawn_task(runs=2, checkpoints=3, seed=5, sizes=(2,))
    losses = _checkpoints.results_of(submission, task).losses.flatten()
    lowest, others = losses.argsort()[:1], losses.argsort(descending=True)[:-1]
    for best in ((1, 1), (0, 2)):  # the last of two equal ones fails the first, the best of means the second
        # The row that your losses say is best is put to one place, and to a later one.
        rows = task.rows.flatten(0, 1)[others[[0, 1, 2, 3, 4, 4]]].reshape_as(task.rows).clone()
        rows[best] = rows[1, 2] = task.rows.flatten(0, 1)[lowest]
        found = _checkpoints.results_of(submission, task._replace(rows=rows))
        sentence = f"One row stands at rows{list(best)} and at rows[1, 2] here, so it must have the same loss twice."
        assert_close(found.losses[1, 2], found.losses[best], sentence, tolerance=TOLERANCE)
        lowest_place = _checkpoints.first_of_the_least(found.losses)
        if lowest_place not in (best, (1, 2)):
            raise CheckFailure(
                f"The row that had the lowest loss among others stands at rows{list(best)} and rows[1, 2] here, so the "
                "lowest of your losses must be at one of these places again.",
                expected=f"the lowest loss at {best} or (1, 2)",
                actual=f"the lowest loss at {lowest_place}",
            )
        sentence = (
            f"One row stands at rows{list(best)} and at rows[1, 2] here, and has the lowest of your own losses. best "
            "must be where this loss is first."
        )
        assert_equal(found.best, lowest_place, sentence, what="result['best']")


def test_all_weights_are_as_before(submission):
    """After the call every weight of the text encoder and of the U-Net is what it was, to the bit."""
    task = _checkpoints.drawn_task(runs=1, checkpoints=2, seed=6, sizes=(1,))
    _checkpoints.results_of(submission, task)
    _measured_networks.assert_as_before(submission, task.text_encoder, task.unet)


def test_leaves_inputs_alone(submission):
    """Rows, batches and alpha-bars are the same after the call as before it."""
    task = _checkpoints.drawn_task(runs=2, checkpoints=2, seed=7)
    after = submission.inversion_checkpoints.called_with(*task).arguments
    for name in ("rows", "batches", "alphas_cumprod"):
        sentence = f"inversion_checkpoints must not change its input {name}."
        assert_equal(after[name], getattr(task, name), sentence, what=f"{name} after the call")
