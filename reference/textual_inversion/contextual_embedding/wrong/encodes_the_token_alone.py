"""The token is encoded alone, without its prompt.

Without the words before it, the token gets a vector that no prompt has. Encode the whole prompt.
"""

from typing import Any

import torch

CAUGHT_BY = "test_text_before_matters"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state of the token in a prompt of its own."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    alone = tokenizer(token, padding="max_length", max_length=tokenizer.model_max_length).input_ids
    return text_encoder(torch.tensor([alone])).last_hidden_state[0, 1]
