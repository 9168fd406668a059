"""Which prompts have changed, in mixtures of what may have moved, and the encoders left as they are."""

import pytest
import torch

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _answers, _embeddings
from grader.checks import assert_equal

PROMPTS = [f"a {colour} {shape} {place}" for colour in ("red", "blue") for shape in ("ring", "<gem>", "<pearl>")
           for place in ("at night", "on the left")]  # fmt: skip


@pytest.mark.parametrize(("words", "by"), [(("<pearl>",), 0.1), (("night", "<gem>"), 1e-6), (("ring",), -0.02)])
def test_equals_reference(submission, reference, words, by):
    """Twelve prompts and several moved words give the reference's answers, and both encoders stay as they are."""
    tokenizer = _embeddings.own_tokenizer("<gem>", "<pearl>")
    before = _embeddings.grown_table(2, seed=7)
    after = before.clone()
    for (row,) in tokenizer(list(words), add_special_tokens=False).input_ids:
        after[row] += by * (-1.0) ** torch.arange(after.shape[1])
    models = _embeddings.own_text_encoder(before), _embeddings.own_text_encoder(after)
    handles = _embeddings.text_encoder(before), _embeddings.text_encoder(after)
    expected = reference.unchanged_without_token(*models, tokenizer, PROMPTS)
    own_ids, handle = tokenizer(PROMPTS, add_special_tokens=False).input_ids, _embeddings.tokenizer("<gem>", "<pearl>")
    actual = _answers.bools(submission.unchanged_without_token(*handles, handle, PROMPTS), len(PROMPTS))
    sentence = f"Only {' and '.join(words)} moved, by {by:g}. The prompts are {PROMPTS}."
    assert_equal(actual, expected, sentence)
    for name, encoder, model in zip(("before", "after"), handles, models, strict=True):
        weights = submission.read.state_dict(encoder)
        assert_same_weights(weights, model.state_dict(), f"the text encoder from {name} training")
        sentence = f"The parameters of the text encoder from {name} training must stay trainable."
        names = [parameter for parameter, _ in model.named_parameters()]
        assert_equal(submission.read.trainable(encoder), names, sentence, what="What is trainable")
    sentence = "The tokenizer must cut prompts as before."
    assert_equal(submission.read.token_ids(handle, PROMPTS), own_ids, sentence, what="What it makes")
