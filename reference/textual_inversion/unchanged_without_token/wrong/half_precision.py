"""The states are compared in half precision.

Rounding to three digits makes numbers equal that are not. Compare the states as the encoders give them.
"""

from typing import Any

import torch

CAUGHT_BY = "test_last_digits_count"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Round, then compare."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.equal(first, second) for first, second in zip(before.half(), after.half(), strict=True)]
