"""The new row is written into the initializer's, instead of the other way round.

An assignment copies from right to left. Here the initializer's word has lost its meaning in every prompt.
"""

from typing import Any

import torch

CAUGHT_BY = "test_everything_else_stays"


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Copy a row in the wrong direction."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = pieces[0]
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    weight = text_encoder.get_input_embeddings().weight
    if initializer is None:
        weight[token_id] = row
    else:
        weight[row] = weight[token_id].clone()
    return token_id
