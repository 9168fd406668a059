"""All prompts are compared at once, and get one answer.

A single prompt with the token makes all of them look changed. Compare prompt by prompt.
"""

from typing import Any

import torch

CAUGHT_BY = "test_false_with_the_token"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare the whole batch."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.equal(before, after)] * len(prompts)
