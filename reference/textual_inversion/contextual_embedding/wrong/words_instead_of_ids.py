"""The token is looked for among the words between spaces, not among the prompt's ids.

In "A Red Circle, on sand" the word between the spaces is "Circle,": with a capital letter and a comma. The tokenizer
makes small letters and cuts off the comma. Look for the id among the ids.
"""

from typing import Any

import torch

CAUGHT_BY = "test_known_words_are_found"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Refuse what is not one of the words between spaces."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    if token not in prompt.split():
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, ids.index(token_id)]
