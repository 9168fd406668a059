"""If the token is missing, the state of the first place is returned.

argmax of nothing but zeros is 0. A wrong vector looks like a right one: a missing token must be an error.
"""

from typing import Any

import torch

CAUGHT_BY = "test_missing_token_is_refused"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state at the first place that is equal, if there is one."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, (torch.tensor(ids) == token_id).int().argmax()]
