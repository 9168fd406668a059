"""Only the first place is compared.

The first place is the start token, and CLIP looks backwards only: nothing in the prompt can change its state. Compare
all places.
"""

from typing import Any

import torch

CAUGHT_BY = "test_false_with_the_token"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare the states of the start token."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.equal(first[0], second[0]) for first, second in zip(before, after, strict=True)]
