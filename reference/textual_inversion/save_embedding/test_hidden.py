"""What the file of a learned row must hold, for other rows and against the reference's file."""

import torch
from safetensors.torch import load_file

from exercises.textual_inversion.checks import _embeddings, _files
from grader.checks import assert_equal


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
