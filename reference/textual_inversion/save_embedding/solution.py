"""One row, under one name."""

from typing import Any

from safetensors.torch import save_file


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Find the token's row and save a copy of it."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    save_file({token: row.detach().clone()[None]}, path)
