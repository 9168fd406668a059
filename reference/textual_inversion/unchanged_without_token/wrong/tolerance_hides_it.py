"""The states are compared with a tolerance.

torch.allclose calls numbers equal that differ by a hundred-thousandth. A word that has drifted by less goes unnoticed,
and after the next hundred steps it has drifted further. Compare to the bit.
"""

from typing import Any

import torch

CAUGHT_BY = "test_drift_of_another_word_shows"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare with a tolerance."""
    length = tokenizer.model_max_length
    ids = tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    before = text_encoder_before(ids).last_hidden_state
    after = text_encoder_after(ids).last_hidden_state
    return [torch.allclose(first, second, atol=1e-4) for first, second in zip(before, after, strict=True)]
