"""The row is saved as a column, [D, 1].

The pipeline takes it for D vectors of one number each. Save [1, D].
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_pipeline_draws_the_same"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save a column."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    save_file({token: row.detach().clone()[:, None]}, path)
