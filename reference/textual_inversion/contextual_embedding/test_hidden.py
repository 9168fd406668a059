"""What a word's contextual embedding must be, with other rows and in long prompts."""

import pytest

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings
from grader.checks import assert_close, assert_equal

LONG = "a drawing of a small purple triangle at the top and a big <gem> in the middle on gray"


@pytest.mark.parametrize("seed", [5, 6])
def test_equals_reference(submission, reference, seed):
    """Long prompts and other rows give the reference's vectors, and the models are left as they are."""
    table = _embeddings.grown_table(2, seed)
    encoder, tokenizer = _embeddings.text_encoder(table), _embeddings.tokenizer("<gem>", "<pearl>")
    models = _embeddings.own_tokenizer("<gem>", "<pearl>"), _embeddings.own_text_encoder(table)
    for prompt, token in ((LONG, "<gem>"), (LONG, "gray"), ("a <pearl> and a <gem>", "<gem>"), ("<pearl>", "<pearl>")):
        expected = reference.contextual_embedding(*models, prompt, token)
        sentence = f'The result must be the last hidden state at the place of "{token}" in "{prompt}".'
        assert_close(submission.contextual_embedding(tokenizer, encoder, prompt, token), expected, sentence)
    assert_same_weights(submission.read.state_dict(encoder), models[1].state_dict(), "the text encoder")
    sentence = "The tokenizer must cut a prompt as before."
    assert_equal(
        submission.read.token_ids(tokenizer, [LONG]), [models[0](LONG, add_special_tokens=False).input_ids], sentence
    )
