"""The tokenizer tells the place, the text encoder the vector."""

from typing import Any

import torch


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Look for the token's id among the prompt's, and take the state there."""
    # step: Turn the prompt into ids, and find the id of the token.
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    # blank: token_id = ____
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    # step: Refuse a prompt without the token.
    # blank: if ____:
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    # step: Let the text encoder read the whole prompt, and take the state at the token's place.
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    # blank: return states[0, ____]
    return states[0, ids.index(token_id)]
