"""The states are compared with torch.allclose.

Its tolerance looks like none, but it calls numbers equal that differ by a hundred-thousandth of their size. What has
moved by less goes unnoticed. torch.equal compares to the bit.
"""

from typing import Any

import torch

CAUGHT_BY = "test_last_digits_count"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare with the tolerance that allclose has by default."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.allclose(first, second) for first, second in zip(before, after, strict=True)]
