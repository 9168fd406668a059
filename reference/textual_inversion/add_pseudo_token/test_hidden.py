"""What a new token must bring about, with tokens that were added before, and in what the text encoder makes of it."""

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _weights
from grader.checks import assert_close, assert_equal


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
