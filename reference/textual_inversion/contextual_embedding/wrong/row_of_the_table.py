"""The row of the table is returned, from before the text encoder.

The table has one vector for the word, the same in every prompt. What the U-Net sees is what the text encoder makes of
it in this prompt: its last hidden state.
"""

from typing import Any

import torch

CAUGHT_BY = "test_text_before_matters"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the word's row of the table."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer(token, add_special_tokens=False).input_ids[0]
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    return text_encoder.get_input_embeddings().weight[token_id]
