"""If the initializer has several pieces, the first one is taken.

The first piece of a long word is only a syllable, so the new word starts from a random meaning. Refuse the initializer
instead.
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
    """Copy the row of the initializer's first piece."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        row = table[pieces[0]].clone()
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
