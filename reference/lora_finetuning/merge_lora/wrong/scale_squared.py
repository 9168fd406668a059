"""The factor alpha / r is applied twice, so it is squared.

It belongs to the product B A as a whole. Scaling B *and* A by it scales the product by its square. With alpha = r the
mistake is invisible.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (alpha / r)^2 B A."""
    scale = alpha / A.shape[0]
    return weight + (scale * B) @ (scale * A)
