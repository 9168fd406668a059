"""The tokenizer gets a new token, but the table gets no new row.

The new id points behind the end of the table: encoding a prompt with the token fails. resize_token_embeddings gives
the table its row.
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
    """Add the token to the tokenizer only."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    if initializer is not None:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    return token_id
