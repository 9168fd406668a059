"""Copies of the weights, merged and put back."""

from typing import Any

import torch

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
    """Return four predictions, and how far the last is from the sum of what the adapters do alone."""
    found = {}
    # step: Ask the U-Net with no adapter, with each alone, and with both.
    chosen = {"neither": [], "first": [first], "second": [second], "both": [first, second]}
    for name, adapters in chosen.items():
        # step: Keep a copy of every weight that an adapter changes.
        weights = {layer: unet.get_submodule(layer).weight for adapter in adapters for layer in adapter}
        # blank: kept = ____
        kept = {layer: weight.clone() for layer, weight in weights.items()}
        # step: Add what each adapter has learned, with its own alpha and rank.
        for adapter in adapters:
            for layer, (A, B, alpha) in adapter.items():
                # blank: weights[layer] += ____
                weights[layer] += alpha / len(A) * (B @ A)
        found[name] = unet(latents, timestep, encoder_hidden_states=text_embeddings).sample
        # step: Put the copies back.
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    # step: Compare with the sum of what each does alone, picture by picture.
    # blank: apart = ____
    apart = (found["both"] - found["first"] - found["second"] + found["neither"]).abs().flatten(1).mean(dim=1)
    # blank: change = ____
    change = (found["both"] - found["neither"]).abs().flatten(1).mean(dim=1)
    # step: Where nothing has changed at all, nothing interferes.
    interference = torch.where(change > 0, apart / change, 0.0)
    return {**found, "interference": interference.tolist()}
