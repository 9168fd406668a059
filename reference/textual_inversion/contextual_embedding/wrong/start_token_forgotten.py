"""The place is one too early: the start token was forgotten.

The ids that the text encoder gets begin with a start token. A place counted without it points to the word before.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_hidden_state_there"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state at the token's place in a list without the start token."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    pieces = tokenizer(prompt, add_special_tokens=False).input_ids
    return states[0, pieces.index(token_id)]
