"""What a new token must bring about, with tokens that were added before, and in what the text encoder makes of it."""

import pytest
import torch

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _weights
from grader.checks import assert_close, assert_equal
from reference._shared import _real


def test_text_encoder_uses_the_new_row(submission, sd):
    """A prompt with the new token is encoded with the new row, and one without it as before."""
    row = submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, "<gem>", "star")
    assert_equal(row, _embeddings.first_id(), "The new token must have the next id.", what="The id")
    table = _weights.table_of(submission.read.state_dict(sd.text_encoder), _embeddings.first_id() + 1)
    prompts = ["a <gem> on white", "a <gem>", "a red circle"]
    actual = submission.read.text_states(sd.text_encoder, _embeddings.input_ids(prompts, "<gem>"))
    expected = _embeddings.states(prompts, table, "<gem>")
    assert_close(actual, expected, "The text encoder must use the new row for the new token.")


def test_works_on_top_of_other_tokens(submission, reference):
    """After other tokens have been added the new one gets the next id, and may start from one of them."""
    table = _embeddings.grown_table(2, seed=3)
    tokenizer, encoder = _embeddings.tokenizer("<one>", "<two>"), _embeddings.text_encoder(table)
    actual = submission.add_pseudo_token(tokenizer, encoder, "<gem>", "<one>")
    own_tokenizer, own_encoder = _embeddings.own_tokenizer("<one>", "<two>"), _embeddings.own_text_encoder(table)
    expected = reference.add_pseudo_token(own_tokenizer, own_encoder, "<gem>", "<one>")
    assert_equal(actual, expected, "With two tokens added before, the id is two higher.")
    assert_same_weights(submission.read.state_dict(encoder), own_encoder.state_dict(), "the text encoder")
    assert_equal(submission.read.token_ids(tokenizer, ["<gem>"]), [[expected]], "The token must have its id.")


@pytest.mark.tier("gpu")
def test_real_table_gets_one_row(submission, sd):
    """On a real model, the token gets the next id and a copy of the word's row; every other row stays, to the bit."""
    encoder, due = _real.learner(0), _real.first_id()
    token_id = submission.add_pseudo_token(sd.tokenizer, encoder, "<gem>", "circle")
    assert_equal(token_id, due, f"The tokenizer knew {due:,} tokens, so the new one must get that id.", what="The id")
    assert_equal(submission.read.token_ids(sd.tokenizer, ["<gem>"]), [[due]], "The token must be one piece.")
    before = _real.own(sd, "rows of the encoder", lambda twins: _real.rows_of(twins, encoder))
    found = submission.read.digests_of_rows(encoder)
    (word,) = sd.token_ids("circle")
    sentence = f"The table must have {due + 1:,} rows: all as before, then the row of the initializer once more."
    assert_equal(found, torch.cat([before, before[[word]]]), sentence, what="The digests of the rows")


@pytest.mark.tier("gpu")
def test_real_encoder_reads_the_new_row(submission, sd):
    """On a real model, the new token reads like the word that it starts from, and no other weight has changed."""
    encoder = _real.learner(0)
    submission.add_pseudo_token(sd.tokenizer, encoder, "<gem>", "circle")
    ids = _embeddings.input_ids(["a <gem> on white", "a circle on white"], "<gem>")
    new, known = submission.read.text_states(encoder, ids)
    assert_close(new, known, "The new token's row is that of its initializer, so both prompts must read the same.")
    due = _real.own(sd, "digests of the encoder", lambda twins: _real.digests_of(twins[encoder]))
    table = {_real.TABLE: submission.read.digests(encoder).get(_real.TABLE)}  # compared by rows elsewhere
    _real.assert_untouched(submission, encoder, due | table, "the text encoder")
