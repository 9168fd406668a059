"""Equal last hidden states, to the bit, prompt by prompt."""

from typing import Any

import torch


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Encode all prompts with both, and compare one by one."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.equal(first, second) for first, second in zip(before, after, strict=True)]
