"""Writes through .data, finds ids with encode and convert_tokens_to_ids, draws with torch.normal."""

from typing import Any

import torch


def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    placeholder: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Add the token as diffusers' training script does."""
    if tokenizer.convert_tokens_to_ids(placeholder) != tokenizer.unk_token_id:
        raise ValueError(f"The tokenizer already contains the token {placeholder}.")
    initializer_ids = None
    if initializer is not None:
        initializer_ids = tokenizer.encode(initializer, add_special_tokens=False)
        if len(initializer_ids) != 1:
            raise ValueError("The initializer token must be a single token.")
    spread = text_encoder.get_input_embeddings().weight.data.std().item()
    tokenizer.add_tokens([placeholder])
    new_id = tokenizer.convert_tokens_to_ids(placeholder)
    text_encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    weights = text_encoder.get_input_embeddings().weight.data
    if initializer_ids is None:
        weights[new_id] = torch.normal(0.0, spread, size=(weights.shape[1],), generator=generator)
    else:
        weights[new_id] = weights[initializer_ids[0]].clone()
    return new_id
