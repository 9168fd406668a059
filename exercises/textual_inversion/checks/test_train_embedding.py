"""What training a new word must do: checked in runs of a few steps, and once in a run that learns a concept."""

import pytest

from exercises._shared._training import alphas_cumprod, assert_loss, assert_losses, assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _long_run, _training, _weights
from exercises.textual_inversion.checks._recorded import FIRST_LOSS, HELD_OUT_LOSS
from grader.checks import CheckFailure, assert_close, assert_equal
from grader.errors import GraderError

RATE = 0.01
# Measured over twelve seeds by reference/textual_inversion/spread.py: the loss falls by 53.4 to 57.3 %, and 9 to 14
# of 16 prompts paint the concept; before training none does.
LEAST_FALL, LEAST_PAINTED, MOST_PAINTED_BEFORE = 0.4, 5, 2


def trained(submission, batches, *, table=None, ids=1, learning_rate=RATE, number=1):
    """Return the losses of a run and the text encoder's weights after it, with a table as large as before."""
    table = _embeddings.trained_table() if table is None else table
    encoder = _embeddings.learner(table, number)
    token_ids = _embeddings.trained_ids(ids)
    run = batches, token_ids, alphas_cumprod(), learning_rate
    losses = submission.train_embedding(_embeddings.UNET, _embeddings.VAE, encoder, *run)
    weights = submission.read.state_dict(encoder)
    _weights.table_of(weights, len(table))
    return assert_losses(losses, len(batches)), weights


def test_one_loss_a_batch(submission, sd):
    """The losses are those of the predicted noise, one for each batch; the first is that of the table at the start."""
    batches = _training.small_batches(3, seed=21, timesteps=_training.WEAK_NOISE)
    losses, _ = trained(submission, batches)
    sentence = "The first loss must be the mean squared error of the predicted noise, before any step."
    assert_loss(losses[0], FIRST_LOSS, sentence, _training.LOSS_TOLERANCE)


@pytest.mark.parametrize("ids", [1, 2])
def test_only_the_trained_rows_move(submission, ids):
    """After three steps only the trained rows have moved, no row between them, and no other weight, to the bit."""
    batches = _training.small_batches(3, seed=22, words=(_embeddings.TOKEN, _embeddings.SECOND_TOKEN)[:ids])
    _, weights = trained(submission, batches, ids=ids)
    table, when = weights[_embeddings.TABLE], "After three steps"
    _weights.assert_only_rows_moved(table, _embeddings.trained_table(), _embeddings.trained_ids(ids), when)
    assert_same_weights(weights, _embeddings.own_weights("text_encoder"), "the text encoder", but=[_embeddings.TABLE])
    assert_same_weights(submission.read.state_dict(_embeddings.UNET), _embeddings.own_weights("unet"), "the U-Net")
    assert_same_weights(submission.read.state_dict(_embeddings.VAE), _embeddings.own_weights("vae"), "the autoencoder")


@pytest.mark.parametrize("rate", [0.001, 0.03])
def test_learning_rate_is_the_size_of_a_step(submission, rate):
    """AdamW's first step moves every number of the row by the learning rate."""
    table = _embeddings.trained_table()
    _, weights = trained(submission, _training.small_batches(1, seed=23), learning_rate=rate)
    moved = float((weights[_embeddings.TABLE] - table)[_embeddings.first_id()].abs().median())
    if not 0.9 * rate < moved < 1.1 * rate:
        raise CheckFailure(
            f"With learning_rate={rate:g} one step of AdamW moves nearly every number of the row by {rate:g}.",
            expected=f"moved by about {rate:g}",
            actual=f"moved by {moved:.2g} (the median)",
        )


def test_rows_go_back_after_every_step(submission):
    """The second loss is that of a table in which only the trained row has moved."""
    first, second = _training.small_batches(2, seed=24, timesteps=_training.STRONG_NOISE)
    _, weights = trained(submission, [first], learning_rate=0.1, number=1)
    between = _embeddings.trained_table()
    between[_embeddings.first_id()] = weights[_embeddings.TABLE][_embeddings.first_id()]
    losses, _ = trained(submission, [first, second], learning_rate=0.1, number=2)
    sentence = (
        "The second loss must be that of a table in which the trained row has taken the first step and every other row "
        "is as it was at the start."
    )
    assert_loss(losses[1], _training.judged_loss(second, between), sentence, _training.LOSS_TOLERANCE)


def test_leaves_inputs_alone(submission):
    """Batches, ids and alpha-bar are the same after the call as before it."""
    given = {"batches": _training.small_batches(2, seed=25), "token_ids": [_embeddings.first_id()]}
    given["alphas_cumprod"] = alphas_cumprod()
    encoder = _embeddings.learner(_embeddings.trained_table())
    after = submission.train_embedding.called_with(
        _embeddings.UNET, _embeddings.VAE, encoder, *given.values(), RATE
    ).arguments
    for name, before in given.items():
        assert_equal(after[name], before, f"train_embedding must not change {name}.", what=f"{name} after the call")


def test_forgets_nothing_of_the_optimizer(submission):
    """AdamW remembers: a batch with hardly any gradient still moves the row by what came before."""
    batches = _training.small_batches(2, seed=26)
    # The second batch has no word with the trained row in it, so its own gradient there is zero.
    batches[1]["input_ids"] = _embeddings.input_ids(["a red circle", "a blue star"])
    _, first = trained(submission, batches[:1], number=1)
    _, second = trained(submission, batches, number=2)
    row = _embeddings.first_id()
    moved = float((second[_embeddings.TABLE] - first[_embeddings.TABLE])[row].abs().median())
    if not 0.4 * RATE < moved < 0.95 * RATE:
        raise CheckFailure(
            "The second batch does not name the token, so its row has no gradient there. AdamW's memory of the "
            "first batch moves the row on, by two thirds of the first step: one optimizer must serve all batches.",
            expected=f"moved by about {0.67 * RATE:.2g} in the second step",
            actual=f"moved by {moved:.2g} (the median)",
        )


def test_weight_decay_is_that_of_adamw(submission):
    """A batch that does not name the token shrinks its row by AdamW's weight decay, and by nothing else."""
    batches = _training.small_batches(1, seed=27)
    batches[0]["input_ids"] = _embeddings.input_ids(["a red circle", "a blue star"])
    _, weights = trained(submission, batches, learning_rate=1.0)
    row = _embeddings.first_id()
    sentence = (
        "At a learning rate of 1, the weight decay that torch.optim.AdamW has by default (0.01) leaves 99 % of a row "
        "that no caption names."
    )
    assert_close(weights[_embeddings.TABLE][row], _embeddings.trained_table()[row] * 0.99, sentence, tolerance=1e-5)


def test_learns_the_concept(submission, sd):
    """A hundred steps teach the concept: the loss on unseen pictures falls, and prompts with the token show it."""
    start = _long_run.start_table()
    painted_before = _long_run.painted_before(sd)
    if painted_before > MOST_PAINTED_BEFORE:
        raise GraderError(f"This check proves nothing: {painted_before} pictures show the concept before training.")
    losses, weights = trained(submission, _long_run.training_batches(), table=start, learning_rate=_long_run.RATE)
    table = weights[_embeddings.TABLE]
    _weights.assert_only_rows_moved(table, start, [_embeddings.first_id()], f"After {len(losses)} steps")
    if not bool(table.isfinite().all()):
        raise CheckFailure("After training the row holds NaN or infinity.")
    if bool((table[-1] == start).all(1).any()):
        raise CheckFailure("After training the new row must differ from every row that the table had at the start.")
    held_out = [_training.judged_loss(batch, table) for batch in _long_run.held_out_batches()]
    loss, most = sum(held_out) / len(held_out), (1 - LEAST_FALL) * HELD_OUT_LOSS
    if not loss <= most:
        raise CheckFailure(
            "The loss on pictures of the concept that training has not seen must fall, at timesteps from 500 on, to "
            f"{1 - LEAST_FALL:.0%} of what it was or less.",
            expected=f"at most {most:.5f}",
            actual=f"{loss:.5f}, from {HELD_OUT_LOSS:.5f}",
        )
    painted = _long_run.painted(table, sd)
    if painted < LEAST_PAINTED:
        raise CheckFailure(
            f"Of {_long_run.HELD_OUT} prompts with the token, {LEAST_PAINTED} or more must give a picture of the "
            "concept.",
            expected=f"{LEAST_PAINTED} or more",
            actual=f"{painted}, and {painted_before} before training",
        )
    prompts = ["", "a red circle on white"]
    told = [_embeddings.states(prompts, rows, _embeddings.TOKEN) for rows in (start, table)]
    pictures = [sd.text_to_image(sd.noise(3), 4, states) for states in told]
    sentence = "A prompt without the token must give the same picture as before training, to the bit."
    assert_equal(pictures[1], pictures[0], sentence, what="The picture's latents")
