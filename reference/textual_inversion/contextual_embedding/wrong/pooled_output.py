"""The pooled output is returned, but it stands for the whole prompt.

The pooled output is the state at the end token, which looks at all words. The statement asks for the state of one word.
"""

from typing import Any

import torch

CAUGHT_BY = "test_text_after_does_not"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the vector of the whole prompt."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    return text_encoder(torch.tensor([ids])).pooler_output[0]
