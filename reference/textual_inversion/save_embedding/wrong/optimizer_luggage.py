"""The file holds more than the row.

With a second entry the pipeline does not know which of the two is the word. Save one entry.
"""

from typing import Any

import torch
from safetensors.torch import save_file

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row with its id."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    save_file({token: row.detach().clone()[None], "id": torch.tensor([vocabulary[token]])}, path)
