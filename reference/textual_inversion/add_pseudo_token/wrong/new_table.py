"""A new table is made, and the old rows are not copied into it.

nn.Embedding starts with random numbers. Every word the model has learned is lost. Keep the old rows:
resize_token_embeddings does.
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
    """Hang in a larger table of random numbers."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer is None:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    else:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = table[pieces[0]].clone()
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.set_input_embeddings(torch.nn.Embedding(token_id + 1, table.shape[1]))
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
