"""The weights are put back only at the end, so the second adapter is added to the first.

The prediction of the second adapter alone needs weights without any trace of the first. Put them back after every
question, not after the last.
"""

from typing import Any

import torch

CAUGHT_BY = "test_each_adapter_alone"

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
    before = {name: value.clone() for name, value in unet.state_dict().items()}
    chosen = {"neither": [], "first": [first], "second": [second], "both": []}
    for name, adapters in chosen.items():
        weights = {layer: unet.get_submodule(layer).weight for adapter in adapters for layer in adapter}
        for adapter in adapters:
            for layer, (A, B, alpha) in adapter.items():
                weights[layer] += alpha / len(A) * (B @ A)
        found[name] = unet(latents, timestep, encoder_hidden_states=text_embeddings).sample
    unet.load_state_dict(before)
    apart = (found["both"] - found["first"] - found["second"] + found["neither"]).abs().flatten(1).mean(dim=1)
    change = (found["both"] - found["neither"]).abs().flatten(1).mean(dim=1)
    interference = torch.where(change > 0, apart / change, 0.0)
    return {**found, "interference": interference.tolist()}
