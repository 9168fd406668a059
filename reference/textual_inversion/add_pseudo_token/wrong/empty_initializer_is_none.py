"""An empty initializer is taken for none at all.

`if initializer:` is false for "" as well as for None. "" is a word of no pieces, most likely a slip of whoever calls:
it is refused like a word of several. Ask `if initializer is not None`.
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
    """Draw the row for an empty word."""
    if token in tokenizer.get_vocab():
        raise ValueError(f'The tokenizer knows "{token}" already: choose another token.')
    table = text_encoder.get_input_embeddings().weight
    if initializer:
        pieces = tokenizer(initializer, add_special_tokens=False).input_ids
        if len(pieces) != 1:
            raise ValueError(f'"{initializer}" is {len(pieces)} pieces, not one: choose another initializer.')
        row = table[pieces[0]].clone()
    else:
        row = torch.randn(table.shape[1], generator=generator) * table.std()
    token_id = len(tokenizer)
    tokenizer.add_tokens(token)
    text_encoder.resize_token_embeddings(token_id + 1)
    text_encoder.get_input_embeddings().weight[token_id] = row
    return token_id
