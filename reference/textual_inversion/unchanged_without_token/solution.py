"""Equal last hidden states, to the bit, prompt by prompt."""

from typing import Any

import torch


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Encode all prompts with both, and compare one by one."""
    # step: Turn all prompts into ids of one length.
    length = tokenizer.model_max_length
    # blank: ids = tokenizer(prompts, padding=____, max_length=length, truncation=____, return_tensors="pt").input_ids
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    # step: Encode them with both text encoders.
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    # step: Compare prompt by prompt, to the bit.
    # blank: return [____ for first, second in zip(before, after, strict=True)]
    return [torch.equal(first, second) for first, second in zip(before, after, strict=True)]
