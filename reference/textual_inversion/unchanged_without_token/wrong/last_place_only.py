"""Only the last place is compared.

The last place can look at all places before it, but it need not: what differs at one word may leave it as it was.
Compare every place.
"""

from typing import Any

import torch

CAUGHT_BY = "test_every_word_counts"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare the states at the end of the padding."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.equal(first[-1], second[-1]) for first, second in zip(before, after, strict=True)]
