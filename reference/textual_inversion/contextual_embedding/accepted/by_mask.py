"""Compares all ids at once, and keeps the graph."""

from typing import Any

import torch


def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the row of the states that a mask chooses."""
    encoded = tokenizer(
        [prompt], padding="max_length", truncation=True, max_length=tokenizer.model_max_length, return_tensors="pt"
    )
    wanted = tokenizer.encode(token)[1]
    places = (encoded.input_ids[0] == wanted).nonzero()
    if places.numel() == 0:
        raise ValueError("the token is missing")
    return text_encoder(encoded.input_ids)[0][0][places[0, 0]]
