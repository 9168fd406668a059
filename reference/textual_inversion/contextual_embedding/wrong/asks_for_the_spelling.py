"""The id is looked up by the word's spelling, but the vocabulary spells it differently.

The vocabulary has "circle</w>". convert_tokens_to_ids("circle") finds nothing and answers with the id of the unknown
token, which in CLIP is the end token: it is in every prompt, so there is not even an error.
"""

from typing import Any

import torch

CAUGHT_BY = "test_known_words_are_found"


@torch.no_grad()
def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Ask the vocabulary for the id."""
    ids = tokenizer(prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids
    token_id = tokenizer.convert_tokens_to_ids(token)
    if token_id not in ids:
        raise ValueError(f'"{token}" does not stand in "{prompt}".')
    states = text_encoder(torch.tensor([ids])).last_hidden_state
    return states[0, ids.index(token_id)]
