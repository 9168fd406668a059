"""The file has a long training history in its metadata.

Metadata takes bytes as well, here seven times as many as the largest row. Keep the losses of every step in another
file.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_file_is_small"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row with a long history."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    room = {token: row.detach().clone()[None]}
    save_file(room, path, metadata={"history": "the loss of every step " * 1000})
