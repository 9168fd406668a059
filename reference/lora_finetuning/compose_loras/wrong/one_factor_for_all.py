"""All adapters share one factor: the sum of the alphas by the sum of the ranks.

Each adapter has a factor of its own, alpha_i / r_i. Stacking the matrices gives the sum of the products, but the factor
has to be multiplied in before.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Return W plus one large adapter's change, made of all A and all B."""
    if not adapters:
        return weight
    down = torch.cat([A for A, _, _ in adapters], dim=0)
    up = torch.cat([B for _, B, _ in adapters], dim=1)
    return weight + sum(alpha for _, _, alpha in adapters) / down.shape[0] * (up @ down)
