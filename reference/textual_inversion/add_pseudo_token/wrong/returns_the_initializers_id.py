"""The new word shares the row of its initializer.

Without its own row the token cannot learn anything new: training changes this row, and so the old word in every prompt.
Add a token, and copy the row.
"""

from typing import Any

import torch

CAUGHT_BY = "test_id_is_the_old_length"


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Return the id of the initializer."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        return pieces[0]
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
