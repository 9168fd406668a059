"""Which prompts have changed, checked against the judge's own text encoders."""

import pytest
import torch

from exercises.textual_inversion.checks import _answers
from exercises.textual_inversion.checks import _embeddings as own
from grader.checks import assert_equal
from grader.errors import GraderError

TOKENIZER = own.tokenizer("<gem>")
PROMPTS = ["a red circle", "a red <gem>", "a blue star on white", "<gem> at night", "a small blue <gem> and a red ring"]
OTHER_PROMPTS = ["<gem>", "a big yellow star", "a small red circle and a <gem> on the left"]
LAST_POSITION = "embeddings.position_embedding.weight"
TINY = 1e-7


def row_of(word):
    """Return the id of a word of one piece."""
    (found,) = own.own_tokenizer("<gem>")(word, add_special_tokens=False).input_ids
    return found


def moved(table, word, by):
    """Return the table with every number of a word's row moved by `by`, up and down in turns.

    To move all of them up would change next to nothing: the first layer norm subtracts their mean.
    """
    result = table.clone()
    result[row_of(word)] += by * (-1.0) ** torch.arange(table.shape[1])
    return result


def asked(submission, after, prompts, weights=None, weights_before=None):
    """Return the student's answers, checked to be one bool for each prompt."""
    before = own.text_encoder(own.grown_table(), weights=weights_before)
    actual = submission.unchanged_without_token(before, own.text_encoder(after, weights=weights), TOKENIZER, prompts)
    return _answers.bools(actual, len(prompts))


def assert_told(submission, after, expected, sentence, weights=None, *, prompts=PROMPTS, weights_before=None):
    """Raise `CheckFailure` unless the answers are these, which the judge's own encoders must agree to."""
    pairs = zip(
        own.states(prompts, own.grown_table(), "<gem>", weights=weights_before),
        own.states(prompts, after, "<gem>", weights=weights),
        strict=True,
    )
    if [torch.equal(*pair) for pair in pairs] != expected:
        raise GraderError("This check proves nothing: the judge's own text encoders give other answers.")
    assert_equal(asked(submission, after, prompts, weights, weights_before), expected, sentence)


def test_false_with_the_token(submission, sd):
    """If only the new row has moved, prompts without the token are unchanged, and those with it are not."""
    after = moved(own.grown_table(), "<gem>", 0.01)
    sentence = f"Only the row of <gem> has moved. The prompts are {PROMPTS}."
    assert_told(submission, after, [True, False, True, False, False], sentence)


def test_true_if_nothing_has_moved(submission):
    """If the new row has not moved, prompts with the token are unchanged too."""
    again = own.grown_table()
    weights = {own.TABLE: again, "final_layer_norm.bias": own.own_weights("text_encoder")["final_layer_norm.bias"]}
    sentence = "Nothing has moved, not even the new row: every prompt is unchanged."
    assert_told(submission, again, [True] * len(PROMPTS), sentence, weights)


def test_drift_of_another_word_shows(submission):
    """If another word's row has drifted by a ten-millionth, the prompts with that word have changed."""
    after = moved(own.grown_table(), "red", TINY)
    sentence = f'The row of "red" has moved, by {TINY:g} only, and no other. The prompts are {PROMPTS}.'
    assert_told(submission, after, [False, False, True, True, False], sentence)


def test_other_weights_show(submission):
    """If a weight behind the table has changed, every prompt has changed."""
    bias = own.own_weights("text_encoder")["final_layer_norm.bias"] + 1e-3
    sentence = "The table is the same, but the bias of the final layer norm has changed: it takes part in every prompt."
    weights = {"final_layer_norm.bias": bias}
    assert_told(submission, own.grown_table(), [False] * len(PROMPTS), sentence, weights)


@pytest.mark.parametrize(
    ("by", "name", "overlooks"),
    [
        (-2e-5, "A comparison in half precision", lambda first, second: torch.equal(first.half(), second.half())),
        (5e-7, "torch.allclose", torch.allclose),
    ],
    ids=["half precision", "allclose"],
)
def test_last_digits_count(submission, by, name, overlooks):
    """If the states differ in their last digits only, the prompts have changed."""
    before = own.states(PROMPTS, own.grown_table(), "<gem>")
    feature = int(before.abs().amin((0, 1)).argmax())  # the one that is nowhere near zero
    bias = own.own_weights("text_encoder")["final_layer_norm.bias"].clone()
    bias[feature] += by
    weights = {"final_layer_norm.bias": bias}
    after = own.states(PROMPTS, own.grown_table(), "<gem>", weights=weights)
    if not overlooks(after, before):
        raise GraderError(f"This check proves nothing: {name} sees the difference.")
    sentence = (
        f"Number {feature} of every state has moved by {by:g}, so every prompt has changed. {name} overlooks that."
    )
    assert_told(submission, own.grown_table(), [False] * len(PROMPTS), sentence, weights)


def test_padding_counts(submission):
    """If only the state at the last place of the padding differs, the prompt has changed."""
    positions = own.own_weights("text_encoder")[LAST_POSITION].clone()
    positions[-1] += 0.01 * (-1.0) ** torch.arange(positions.shape[1])
    sentence = "Only the state at the last place differs, in the padding: the picture depends on that place too."
    assert_told(submission, own.grown_table(), [False] * len(PROMPTS), sentence, {LAST_POSITION: positions})


def test_every_word_counts(submission):
    """If only the state at the place of a word differs, the prompt has changed."""
    outputs = {
        name: torch.zeros_like(weight)
        for name, weight in own.own_weights("text_encoder").items()
        if name.endswith("self_attn.out_proj.weight")
    }
    sentence = (
        "In both encoders the attention gives zeros, so no place learns of another one. Only the row of <gem> has "
        "moved: the states differ at its place, and nowhere else. The pooled vector and the padding are as they were. "
        f"The prompts are {OTHER_PROMPTS}."
    )
    after = moved(own.grown_table(), "<gem>", 0.01)
    rest = {"prompts": OTHER_PROMPTS, "weights_before": outputs}
    assert_told(submission, after, [False, True, False], sentence, outputs, **rest)
