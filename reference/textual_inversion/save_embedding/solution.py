"""One row, under one name."""

from typing import Any

from safetensors.torch import save_file


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Find the token's row and save a copy of it."""
    vocabulary = tokenizer.get_vocab()
    # step: Refuse a token that the tokenizer does not know.
    # blank: if ____:
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    # step: Take the token's row of the table.
    # blank: row = text_encoder.get_input_embeddings().weight[____]
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    # step: Save a copy without gradients, as a matrix of one row, under the token's name.
    # blank: save_file({token: ____}, path)
    save_file({token: row.detach().clone()[None]}, path)
