"""The answers are the wrong way round.

True is for a prompt that is unchanged.
"""

from typing import Any

import torch

CAUGHT_BY = "test_true_if_nothing_has_moved"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Tell which prompts have changed."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [not torch.equal(first, second) for first, second in zip(before, after, strict=True)]
