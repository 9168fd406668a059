"""Saving the row makes the table untrainable.

detach() gives a copy without a graph and leaves the table alone; requires_grad_(False) ends its training. Nothing in
the models may change.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_models_stay"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Freeze the table, and save the row."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight.requires_grad_(False)[vocabulary[token]]
    save_file({token: row.detach().clone()[None]}, path)
