"""The whole table is saved.

For Stable Diffusion that is 150 MB, of which 3 KB are new. What is more, a pipeline would load every row as a vector
of the new word. Save the one row.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save all rows."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    save_file({token: text_encoder.get_input_embeddings().weight.detach().clone()}, path)
