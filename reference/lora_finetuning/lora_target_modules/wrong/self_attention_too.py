"""The self-attention is adapted as well.

The ending "to_q" fits the query of attn1 and of attn2. Only attn2 looks at the text; with attn1 the adapter has about
twice the numbers, and learns the pictures rather than what the words have to do with them.
"""

from typing import Any

CAUGHT_BY = "test_finds_nothing_else"


def lora_target_modules(unet: Any) -> list[str]:
    """Return endings that both attentions have."""
    return ["to_q", "to_k", "to_v", "to_out.0"]
