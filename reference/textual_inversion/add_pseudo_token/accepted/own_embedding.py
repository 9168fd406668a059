"""Builds the larger embedding by hand and hangs it in."""

from typing import Any

import torch
from torch import nn


def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Add the row by concatenation."""
    if token in tokenizer.get_vocab():
        raise ValueError(f"{token} is known")
    old = text_encoder.get_input_embeddings().weight.detach()
    if initializer is not None:
        ids = tokenizer(initializer)["input_ids"][1:-1]
        if len(ids) != 1:
            raise ValueError(f"{initializer} is not one token")
        row = old[ids[0]][None]
    else:
        row = torch.empty(1, old.shape[1]).normal_(0, float(old.std()), generator=generator)
    tokenizer.add_tokens(token)
    text_encoder.set_input_embeddings(nn.Embedding.from_pretrained(torch.cat([old, row]), freeze=False))
    return len(old)
