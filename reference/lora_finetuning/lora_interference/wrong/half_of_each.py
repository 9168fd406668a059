"""Both adapters together count half each.

Two adapters are added, not averaged: each was trained to count alpha / r, beside the same W. Turning both down hides
what they do to each other.
"""

from typing import Any

import torch

CAUGHT_BY = "test_both_at_once"

Adapter = dict[str, tuple[torch.Tensor, torch.Tensor, float]]


@torch.no_grad()
def lora_interference(
    unet: Any,
    first: Adapter,
    second: Adapter,
    latents: torch.Tensor,
    timestep: int,
    text_embeddings: torch.Tensor,
) -> dict[str, Any]:
    """Return four predictions, and how far the last is from a sum."""
    found = {}
    chosen = {"neither": [], "first": [first], "second": [second], "both": [first, second]}
    for name, adapters in chosen.items():
        weights = {layer: unet.get_submodule(layer).weight for adapter in adapters for layer in adapter}
        kept = {layer: weight.clone() for layer, weight in weights.items()}
        for adapter in adapters:
            for layer, (A, B, alpha) in adapter.items():
                weights[layer] += alpha / len(A) / len(adapters) * (B @ A)
        found[name] = unet(latents, timestep, encoder_hidden_states=text_embeddings).sample
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    apart = (found["both"] - found["first"] - found["second"] + found["neither"]).abs().flatten(1).mean(dim=1)
    change = (found["both"] - found["neither"]).abs().flatten(1).mean(dim=1)
    interference = torch.where(change > 0, apart / change, 0.0)
    return {**found, "interference": interference.tolist()}
