"""Looks for the piece in the list of pieces; no padding, which makes no difference to what stands before it."""

from typing import Any

import torch


def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state one place after the piece's, because of the start token."""
    pieces = tokenizer.tokenize(prompt)
    piece = tokenizer.tokenize(token)[0]
    try:
        place = pieces.index(piece) + 1
    except ValueError:
        raise ValueError(f"{token} is not in {prompt}") from None
    with torch.inference_mode():
        hidden = text_encoder(**tokenizer(prompt, return_tensors="pt"), output_hidden_states=True)
    return hidden.last_hidden_state[0, place].clone()
