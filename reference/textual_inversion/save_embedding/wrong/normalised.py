"""The row is brought to length 1 before it is saved.

The length of the row is part of what was learned. Save the row as it is.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_pipeline_draws_the_same"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the direction of the row."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    save_file({token: (row / row.norm()).detach()[None]}, path)
