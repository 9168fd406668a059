"""Where the adapters change nothing, zero is divided by zero.

The result is NaN, and whoever averages over many prompts gets NaN as well. The statement says what is meant: 0.0.
"""

from typing import Any

import torch

CAUGHT_BY = "test_adapters_that_do_nothing_do_not_interfere"

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
                weights[layer] += alpha / len(A) * (B @ A)
        found[name] = unet(latents, timestep, encoder_hidden_states=text_embeddings).sample
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    apart = (found["both"] - found["first"] - found["second"] + found["neither"]).abs().flatten(1).mean(dim=1)
    change = (found["both"] - found["neither"]).abs().flatten(1).mean(dim=1)
    interference = apart / change
    return {**found, "interference": interference.tolist()}
