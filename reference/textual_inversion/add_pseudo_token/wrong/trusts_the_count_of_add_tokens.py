"""The result of add_tokens is used to decide whether the token is new.

add_tokens returns 0 for a token that was added before, but 1 for a piece that the tokenizer came with, and then treats
that piece differently in every text. Look into tokenizer.get_vocab().
"""

from typing import Any

import torch

CAUGHT_BY = "test_known_token_is_refused"


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Add the token and count."""
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = table[pieces[0]].clone()
    if tokenizer.add_tokens(token) == 0:
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    text_encoder.resize_token_embeddings(len(tokenizer))
    token_id = tokenizer.convert_tokens_to_ids(token)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
