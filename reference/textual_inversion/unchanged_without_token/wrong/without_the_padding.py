"""The places of the padding are left out.

The U-Net gets all places of the padded prompt, and its cross-attention looks at the padding as well. What differs only
there changes the picture all the same. Compare every place.
"""

from typing import Any

import torch

CAUGHT_BY = "test_padding_counts"


@torch.no_grad()
def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Compare the places of the words, with start and end."""
    length = tokenizer.model_max_length
    answers = []
    for prompt in prompts:
        ids = tokenizer(prompt, padding="max_length", max_length=length, return_tensors="pt").input_ids
        pieces = len(tokenizer(prompt).input_ids)
        before = text_encoder_before(ids).last_hidden_state[0, :pieces]
        after = text_encoder_after(ids).last_hidden_state[0, :pieces]
        answers.append(torch.equal(before, after))
    return answers
