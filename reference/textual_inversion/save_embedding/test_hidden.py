"""What the file of a learned row must hold, for other rows and against the reference's file."""

import pytest
import torch
from safetensors.torch import load_file

from exercises.textual_inversion.checks import _embeddings, _files
from grader.checks import CheckFailure, assert_equal
from reference._shared import _real


def test_equals_reference(submission, reference, tmp_path):
    """Rows of very large and very small numbers are saved as the reference saves them."""
    table = _embeddings.grown_table(3, seed=8)
    table[-3:] *= torch.tensor([1e-30, 1e30, -1.0])[:, None]
    tokens = ("<a1>", "<b2>", "<c3>")
    models = _embeddings.own_text_encoder(table), _embeddings.own_tokenizer(*tokens)
    for number, token in enumerate(tokens):
        reference.save_embedding(*models, token, str(tmp_path / "expected.safetensors"))
        expected = load_file(tmp_path / "expected.safetensors")
        path = f"hidden{number}.safetensors"
        submission.save_embedding(_embeddings.text_encoder(table), _embeddings.tokenizer(*tokens), token, path)
        found = _files.entries_of(_files.file_of(submission, path))
        found = {name: entry[None] if entry.ndim == 1 else entry for name, entry in found.items()}
        assert_equal(found, expected, f"The file for {token} must hold its row, to the bit.", what="What it holds")


@pytest.mark.tier("gpu")
def test_real_pipeline_loads_the_file(submission, sd):
    """On a real model, diffusers' own loader reads the file, of less than 5 KB, and paints the same picture."""
    tokens, encoder = ("<gem>", "<pearl>"), _real.learner(2)
    submission.save_embedding(encoder, _embeddings.tokenizer(*tokens), "<gem>", "real.safetensors")
    data = _files.file_of(submission, "real.safetensors")
    table = _real.own(sd, "a table of two new rows", lambda twins: twins[_real.table_of(encoder)])
    row, entry = table[[-2]], _files.entries_of(data).get("<gem>", torch.empty(0))
    sentence = f"The file must hold the row of <gem>, which has {row.shape[1]} numbers, to the bit."
    assert_equal(entry.reshape(1, -1), row, sentence, what="The entry")
    most = 4 * row.shape[1] + MOST_AROUND
    if len(data) > most:
        raise CheckFailure("The file must hold little more than the row.", actual=f"{len(data):,} bytes")
    prompts = ["", "a <gem> on white"]
    found, expected = _files.states_in_pipeline(data, prompts), _embeddings.states(prompts, table, *tokens)
    run = {"latents": sd.noise(0), "num_inference_steps": 2}
    pictures = [sd.text_to_image(text_embeddings=embeddings, **run) for embeddings in (found, expected)]
    sentence = "With the file loaded, a prompt with <gem> must give the real model's own picture of it, to the bit."
    assert_equal(*pictures, sentence, what="The picture's latents")


MOST_AROUND = 1024  # bytes that are not the numbers
