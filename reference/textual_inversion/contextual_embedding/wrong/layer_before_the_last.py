"""The state is that of the layer before the last.

Some models are prompted so ("clip skip"). Stable Diffusion's U-Net reads the last hidden state, after the final norm.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_hidden_state_there"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Look for the token's id among the prompt's, and take the state of the layer before the last there."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids]), output_hidden_states=True).hidden_states[-2]
    return states[0, ids.index(token_id)]
