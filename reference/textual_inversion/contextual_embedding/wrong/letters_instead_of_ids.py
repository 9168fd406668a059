"""The token is looked for among the letters of the prompt, not among its ids.

"circle" is in the letters of "two circles", but "circles" is cut into other pieces: no id is that of "circle", and
argmax of nothing but zeros is 0, the place of the start token. Look for the id among the ids.
"""

from typing import Any

import torch

CAUGHT_BY = "test_missing_token_is_refused"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Refuse what is not in the text, then return the state at the first place that is equal."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    if token not in prompt.lower():
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, (torch.tensor(ids) == token_id).int().argmax()]
