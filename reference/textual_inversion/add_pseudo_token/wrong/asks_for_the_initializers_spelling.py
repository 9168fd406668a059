"""The initializer's id is looked up by its spelling, but the vocabulary spells it differently.

The vocabulary marks the end of a word: "star" is "star</w>" there. convert_tokens_to_ids("star") finds nothing and
answers with the id of the unknown token, whose row is then copied. Let the tokenizer cut the word: tokenizer("star",
add_special_tokens=False).input_ids.
"""

from typing import Any

import torch

CAUGHT_BY = "test_row_is_the_initializers"


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Copy the row of what convert_tokens_to_ids finds."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = table[tokenizer.convert_tokens_to_ids(initializer)].clone()
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
