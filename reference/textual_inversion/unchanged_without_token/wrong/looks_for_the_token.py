"""The prompt is searched for the new token, instead of being encoded.

This assumes the answer instead of testing it: if another word has drifted, it goes unnoticed. Run both encoders and
compare.
"""

from typing import Any

import torch

CAUGHT_BY = "test_drift_of_another_word_shows"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Answer by whether the newest token stands in the prompt."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    return [int(row.max()) < len(text_encoder_before.get_input_embeddings().weight) - 1 for row in ids]
