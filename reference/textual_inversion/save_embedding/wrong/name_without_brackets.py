"""The entry is named "gem", but the token is "<gem>".

The pipeline takes the entry's name for the new word. With the brackets cut off, it teaches its tokenizer "gem", and a
prompt with "<gem>" does not find it. Use the token as it is.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row under a bare name."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    row = text_encoder.get_input_embeddings().weight[vocabulary[token]]
    save_file({token.strip("<>"): row.detach().clone()[None]}, path)
