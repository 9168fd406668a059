"""The drift is how much the loss on the other pictures has risen.

A prediction can move far and end up equally far from the noise, on another side of it. Then the loss is what it was,
and the pictures are others. Compare the predictions with each other.
"""

from typing import Any

import torch

CAUGHT_BY = "test_drift"

Adapter = dict[str, tuple[torch.Tensor, torch.Tensor, float]]
Batch = dict[str, torch.Tensor]


@torch.no_grad()
def lora_checkpoints(
    unet: Any,
    checkpoints: list[Adapter],
    trained_on: list[Batch],
    held_out: list[Batch],
    others: list[Batch],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the losses and the drift of every checkpoint, and the place of the one to keep."""

    def predict(batches: list[Batch]) -> torch.Tensor:
        predictions = []
        for batch in batches:
            alpha_bar = alphas_cumprod[batch["timesteps"]].view(-1, 1, 1, 1)
            latents_t = alpha_bar.sqrt() * batch["latents"] + (1 - alpha_bar).sqrt() * batch["noise"]
            given = {"encoder_hidden_states": batch["text_embeddings"]}
            predictions.append(unet(latents_t, batch["timesteps"], **given).sample)
        return torch.cat(predictions)

    def mean_square(first: torch.Tensor, second: torch.Tensor) -> float:
        return float((first - second).square().mean())

    lists = {"trained_on": trained_on, "held_out": held_out}
    noises = {name: torch.cat([batch["noise"] for batch in batches]) for name, batches in lists.items()}
    noise_of_others = torch.cat([batch["noise"] for batch in others])
    before = mean_square(predict(others), noise_of_others)
    found: dict[str, list[float]] = {"trained_on": [], "held_out": [], "drift": []}
    for checkpoint in checkpoints:
        weights = {layer: unet.get_submodule(layer).weight for layer in checkpoint}
        kept = {layer: weight.clone() for layer, weight in weights.items()}
        for layer, (A, B, alpha) in checkpoint.items():
            weights[layer] += alpha / len(A) * (B @ A)
        for name, batches in lists.items():
            found[name].append(mean_square(predict(batches), noises[name]))
        found["drift"].append(mean_square(predict(others), noise_of_others) - before)
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    keep = min(range(len(checkpoints)), key=lambda index: found["held_out"][index])
    return {**found, "keep": keep}
