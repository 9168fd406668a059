"""The new row is drawn with the standard deviation that a model begins with, not with that of the table.

0.02 is CLIP's `initializer_range`: what its tables had before training. What they have since is in the table itself,
and that is what the row must fit.
"""

from typing import Any

import torch

CAUGHT_BY = "test_row_is_drawn_with_the_generator"


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Draw the row with the spread of a fresh CLIP."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * text_encoder.config.initializer_range
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = table[pieces[0]].clone()
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
