"""The file is written with torch.save.

It is a pickle with the name of a safetensors file. diffusers cannot read it, and reading a pickle may run any program.
Use safetensors.torch.save_file.
"""

from typing import Any

import torch

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save a pickle."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    torch.save({token: row.detach().clone()[None]}, path)
