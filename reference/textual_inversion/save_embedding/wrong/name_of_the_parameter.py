"""The entry is named after the parameter, not after the token.

The pipeline takes the entry's name for the new word: prompts with the token's name would not find it.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_file_holds_the_row"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row under the parameter's name."""
    vocabulary = tokenizer.get_vocab()
    if token not in vocabulary:
        raise ValueError(f'The tokenizer does not know "{token}".')
    table = text_encoder.get_input_embeddings().weight
    name = next(name for name, parameter in text_encoder.named_parameters() if parameter is table)
    save_file({name: table[vocabulary[token]].detach().clone()[None]}, path)
