"""Looks at the largest difference of the whole batch at once."""

from typing import Any


def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Return where the largest difference is exactly 0."""
    encoded = tokenizer(
        prompts, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
    )
    difference = text_encoder_before(encoded.input_ids)[0] - text_encoder_after(encoded.input_ids)[0]
    return [largest == 0 for largest in difference.abs().amax(dim=(1, 2)).tolist()]
