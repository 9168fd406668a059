"""The tokenizer learns a piece, the table gets a row, and the row gets its start."""

from typing import Any

import torch


@torch.no_grad()
def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Check both words first, then add the token and its row."""
    # step: Refuse a token that is known already, before anything is changed.
    # blank: if ____:
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    # step: Choose what the new row starts with: random numbers with the spread of the table ...
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        # blank: row = ____
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        # step: ... or the row of the initializer, which must be a single piece.
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        # blank: row = ____
        row = table[pieces[0]].clone()
    # step: Add the token to the tokenizer and a row to the table, and fill the row.
    # blank: token_id = ____
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
