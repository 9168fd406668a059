"""One large adapter, each A scaled by its own factor."""

import torch


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Put the ranks side by side."""
    if not adapters:
        return weight.clone()
    down = torch.cat([A * (alpha / len(A)) for A, _, alpha in adapters])
    up = torch.cat([B for _, B, _ in adapters], dim=1)
    return weight + up @ down
