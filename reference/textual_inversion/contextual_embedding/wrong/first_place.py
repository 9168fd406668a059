"""The state of the first place is returned: that of the start token.

Every prompt begins with the same start token, and nothing stands before it: its state is the same in all prompts. Look
up where the token stands.
"""

from typing import Any

import torch

CAUGHT_BY = "test_text_before_matters"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state of the start token."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, 0]
