"""Only the pooled vector is compared.

The pooled vector is the state at the end of the prompt. The U-Net does not get it: it looks at the states of all
places. Compare these.
"""

from typing import Any

import torch

CAUGHT_BY = "test_every_word_counts"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare one vector a prompt."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).pooler_output
    after = text_encoder_after(ids).pooler_output
    return [torch.equal(first, second) for first, second in zip(before, after, strict=True)]
