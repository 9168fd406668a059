"""The token is added before the initializer has been looked at.

When the initializer is refused, the tokenizer already has a token without a row, and a second attempt is refused
because the token is known. Check everything before changing anything.
"""

from typing import Any

import torch

CAUGHT_BY = "test_initializer_of_several_pieces_is_refused"


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Add the token first, and look at the initializer then."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = table[pieces[0]].clone()
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
