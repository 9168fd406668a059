"""What a word's contextual embedding must be, checked against the judge's own text encoder."""

import pytest

from exercises.textual_inversion.checks import _embeddings, _weights
from grader.checks import assert_close, assert_different, assert_far, assert_like

TOKENIZER = _embeddings.tokenizer("<gem>")


def asked(submission, prompt, token="<gem>", seed=0):
    """Return what the student's function finds in a prompt."""
    encoder = _embeddings.text_encoder(_embeddings.grown_table(seed=seed))
    return submission.contextual_embedding(TOKENIZER, encoder, prompt, token)


def due(prompt, token="<gem>", seed=0):
    """Return the last hidden state at the token's place in the judge's text encoder."""
    ids = _embeddings.input_ids([prompt], "<gem>")[0].tolist()
    (wanted,) = _embeddings.own_tokenizer("<gem>")(token, add_special_tokens=False).input_ids
    return _embeddings.states([prompt], _embeddings.grown_table(seed=seed), "<gem>")[0, ids.index(wanted)]


@pytest.mark.parametrize("prompt", ["a <gem>", "<gem>", "a big red <gem> on the left on white", "a photo of <gem>"])
def test_equals_the_hidden_state_there(submission, sd, prompt):
    """The result is the last hidden state at the place of the added token."""
    sentence = f'The result must be the last hidden state at the place of <gem> in "{prompt}".'
    assert_close(asked(submission, prompt), due(prompt), sentence)


@pytest.mark.parametrize(
    ("token", "prompt"),
    [
        ("circle", "a big red circle on sand"),
        ("red", "a big red circle on sand"),
        ("sand", "a big red circle on sand"),
        ("circle", "A Red Circle, on sand"),
    ],
)
def test_known_words_are_found(submission, token, prompt):
    """A word that the tokenizer came with is found as well, also with a capital letter or before a comma."""
    sentence = f'The result must be the last hidden state at the place of "{token}" in "{prompt}".'
    assert_close(asked(submission, prompt, token), due(prompt, token), sentence)


def test_words_before_may_be_several_pieces(submission):
    """Words of several pieces before the token shift its place."""
    prompt = "a wombat and a zebra and a <gem>"
    sentence = f'In "{prompt}" "wombat" is several pieces: the place of <gem> is counted in pieces.'
    assert_close(asked(submission, prompt), due(prompt), sentence)


def test_text_before_matters(submission):
    """Other words before the token give it another vector."""
    prompts = "a red <gem>", "a blue star on the right and a <gem>"
    assert_far(due(prompts[0]), due(prompts[1]), 0.1)  # otherwise this check proves nothing
    first, second = (assert_like(asked(submission, prompt), due(prompt)) for prompt in prompts)
    sentence = f"In {prompts[0]!r} and {prompts[1]!r} the token must have different vectors."
    assert_different(first, second, sentence, least=0.05)


def test_text_after_does_not(submission):
    """Other words after the token leave its vector as it is: the text encoder looks backwards only."""
    first, second = "a photo of a <gem> on sand", "a photo of a <gem> at night and a star"
    expected = assert_like(asked(submission, first), due(first))
    sentence = f"In {first!r} and {second!r} the token must have the same vector."
    assert_close(asked(submission, second), expected, sentence)


def test_missing_token_is_refused(submission):
    """A token that is not among the prompt's pieces is refused, even if its letters are in the prompt."""
    for token, prompt in (("<gem>", "a red circle"), ("star", "a red circle"), ("circle", "two circles")):
        sentence = f'"{token}" is not a piece of "{prompt}": the function must raise a ValueError.'
        _weights.assert_refused(lambda token=token, prompt=prompt: asked(submission, prompt, token), sentence)
