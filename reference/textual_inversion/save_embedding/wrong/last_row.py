"""The last row of the table is saved, whichever token it belongs to.

New tokens are appended, but others may have been added after this one. Ask the tokenizer for the token's id.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the last row."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[-1]
    save_file({token: row.detach().clone()[None]}, path)
