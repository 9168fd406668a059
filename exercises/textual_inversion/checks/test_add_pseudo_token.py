"""What a new token must bring about in tokenizer and text encoder, read back from both."""

import torch

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _weights
from grader.checks import CheckFailure, assert_close, assert_different, assert_equal


def table_of(submission, encoder):
    """Return the table in the student's text encoder, which must have room for one token more."""
    return _weights.table_of(submission.read.state_dict(encoder), _embeddings.first_id() + 1)


def test_id_is_the_old_length(submission, sd):
    """The new token's id is the old number of tokens, and the next token gets the next one."""
    sentence = (
        f"The tokenizer knew {_embeddings.first_id()} tokens, with ids from 0: the new ones must get the next ids."
    )
    for number, token in enumerate(("<gem>", "<pearl>")):
        actual = submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, token, "circle")
        assert_equal(actual, _embeddings.first_id() + number, sentence)


def test_token_is_one_piece(submission, sd):
    """The tokenizer makes one piece of the new token, alone and inside a prompt."""
    submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, "<gem>", "circle")
    texts = ["<gem>", "a photo of <gem> on white", "a red circle"]
    expected = _embeddings.own_tokenizer("<gem>")(texts, add_special_tokens=False).input_ids
    sentence = 'The ids of "<gem>", "a photo of <gem> on white" and "a red circle" must have one id for the new token.'
    assert_equal(submission.read.token_ids(sd.tokenizer, texts), expected, sentence, what="What the tokenizer makes")


def test_everything_else_stays(submission, sd):
    """The old rows and all other weights are the same after the call as before it, to the bit."""
    submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, "<gem>", "circle")
    weights = submission.read.state_dict(sd.text_encoder)
    assert_same_weights(weights, _embeddings.own_weights("text_encoder"), "the text encoder", but=[_embeddings.TABLE])
    table = table_of(submission, sd.text_encoder)
    sentence = "The rows that were there must stay as they were, to the bit."
    assert_equal(table[:-1], _embeddings.known_table(), sentence, what="The old part of the table")


def test_row_is_the_initializers(submission, sd):
    """With an initializer the new row is a copy of that word's row."""
    submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, "<gem>", "star")
    (row,) = _embeddings.own_tokenizer()("star", add_special_tokens=False).input_ids
    expected = _embeddings.known_table()[row]
    sentence = f'The new row must be a copy of the row of "star", whose id is {row}.'
    assert_equal(table_of(submission, sd.text_encoder)[-1], expected, sentence, what="The new row")


def test_row_is_drawn_with_the_generator(submission, sd):
    """Without an initializer the new row is drawn with the generator, with the spread of the table's numbers."""
    rows = []
    table = 3 * _embeddings.known_table()  # not the spread that CLIP begins with, which is in the config
    for number, seed in enumerate((0, 0, 1)):
        tokenizer = _embeddings.tokenizer()._replace(identity=number)
        encoder = _embeddings.text_encoder(table)._replace(identity=number)
        generator = torch.Generator().manual_seed(seed)
        submission.add_pseudo_token(tokenizer, encoder, "<gem>", None, generator)
        rows.append(table_of(submission, encoder)[-1])
    first, again, other = rows
    spread = table.std()
    assert_close(again / spread, first / spread, "Generators in the same state must give the same row.")
    assert_different(other / spread, first / spread, "Another generator must give another row.", least=0.1)
    ratio = float(first.square().mean().sqrt() / spread)
    if not 0.6 < ratio < 1.5:
        raise CheckFailure(
            "The new row's numbers must have mean 0 and the standard deviation of all numbers in the old table.",
            expected=f"about {float(spread):.3g}",
            actual=f"{float(spread) * ratio:.3g}",
        )


def test_known_token_is_refused(submission, sd):
    """A token that is already in the vocabulary is refused, whether it was added or came with the tokenizer."""
    submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, "<gem>", "circle")
    for token, why in (("<gem>", "was added by the call before"), ("a", "is a piece that the tokenizer came with")):
        sentence = f'The token "{token}" {why}: adding it again must be refused with a ValueError.'
        _weights.assert_refused(
            lambda token=token: submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, token, "star"), sentence
        )


def test_initializer_of_several_pieces_is_refused(submission, sd):
    """An initializer of several pieces, or of none, is refused, and the tokenizer and the table are as they were."""
    for word, pieces in (("wombat", "several pieces"), ("", "no piece at all")):
        sentence = f'"{word}" becomes {pieces}, so as an initializer it must be refused with a ValueError.'
        _weights.assert_refused(
            lambda word=word: submission.add_pseudo_token(sd.tokenizer, sd.text_encoder, "<gem>", word), sentence
        )
    texts = ["<gem>"]
    expected = _embeddings.own_tokenizer()(texts, add_special_tokens=False).input_ids
    sentence = (
        "After the refusal the tokenizer must not know the token: check the initializer before you change anything."
    )
    assert_equal(submission.read.token_ids(sd.tokenizer, texts), expected, sentence, what="What the tokenizer makes")
    table = _weights.table_of(submission.read.state_dict(sd.text_encoder), _embeddings.first_id())
    assert_equal(table, _embeddings.known_table(), "After the refusal the table must be as it was.", what="The table")
