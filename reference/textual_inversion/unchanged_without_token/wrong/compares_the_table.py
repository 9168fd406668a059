"""The rows of the table are compared, and the text encoder is not run.

Everything behind the table takes part in every prompt. If a bias has moved there, the table is still the same. Compare
what comes out at the end.
"""

from typing import Any

import torch

CAUGHT_BY = "test_other_weights_show"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare the rows that the prompts use."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before.get_input_embeddings()(ids)
    after = text_encoder_after.get_input_embeddings()(ids)
    return [torch.equal(first, second) for first, second in zip(before, after, strict=True)]
