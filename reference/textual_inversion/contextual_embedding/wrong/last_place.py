"""The state of the last place is returned.

A padded prompt ends with padding. Look up the place of the token.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_hidden_state_there"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state of the last padding."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, -1]
