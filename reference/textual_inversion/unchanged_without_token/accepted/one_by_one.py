"""Encodes prompt after prompt."""

from typing import Any

import torch


def unchanged_without_token(before: Any, after: Any, tokenizer: Any, prompts: list[str]) -> list[bool]:
    """Compare the states of one prompt at a time."""
    answers = []
    for prompt in prompts:
        encoded = tokenizer(
            prompt, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
        )
        with torch.no_grad():
            first = before(encoded.input_ids)[0]
            second = after(encoded.input_ids)[0]
        answers.append(bool((first == second).all()))
    return answers
