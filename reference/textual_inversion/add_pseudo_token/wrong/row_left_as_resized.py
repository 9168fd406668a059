"""The new row keeps the numbers that resize_token_embeddings has filled in.

Resizing draws new rows around the mean of all words. The word would start nowhere near its initializer: copy the
initializer's row into it.
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
    """Add the token, and a row of whatever resizing draws."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    if initializer is not None:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    return token_id
