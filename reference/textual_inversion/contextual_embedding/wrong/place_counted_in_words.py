"""The place is counted in words.

A word that the tokenizer does not know as a whole becomes several pieces, and everything after it moves. Count ids, not
words.
"""

from typing import Any

import torch

CAUGHT_BY = "test_words_before_may_be_several_pieces"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the state at the place of the word."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    if token not in prompt.split():
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, prompt.split().index(token) + 1]
