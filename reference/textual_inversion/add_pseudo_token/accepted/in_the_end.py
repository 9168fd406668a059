"""Asks the tokenizer for the number of pieces of the token itself, and reads the id back."""

from typing import Any

import torch


def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Add the token, then its row."""
    if len(tokenizer.tokenize(token)) == 1:
        raise ValueError("this is one token already")
    source = None
    if initializer is not None:
        pieces = tokenizer.tokenize(initializer)
        if len(pieces) != 1:
            raise ValueError(f"{initializer} falls into {pieces}")
        source = tokenizer.convert_tokens_to_ids(pieces[0])
    deviation = text_encoder.get_input_embeddings().weight.std()
    tokenizer.add_tokens(token)
    embedding = text_encoder.resize_token_embeddings(len(tokenizer))
    with torch.no_grad():
        if source is None:
            embedding.weight[-1].copy_(deviation * torch.randn(embedding.weight.shape[1], generator=generator))
        else:
            embedding.weight[-1].copy_(embedding.weight[source])
    return tokenizer(token, add_special_tokens=False).input_ids[0]
