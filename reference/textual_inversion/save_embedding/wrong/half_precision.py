"""The row is saved in half precision.

Half of the digits are lost, and pictures differ from those of the model that learned it. A row is 3 KB: save it as it
is, in float32.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row rounded."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    save_file({token: row.detach().clone()[None].half()}, path)
