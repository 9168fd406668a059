"""The state before the final layer norm is returned.

output_hidden_states gives the states between the layers, the last of them before the final layer norm. The U-Net gets
last_hidden_state, after it.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_hidden_state_there"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the last state between the layers."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids]), output_hidden_states=True).hidden_states[-1]
    return states[0, ids.index(token_id)]
