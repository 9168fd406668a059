"""Every checkpoint is added to the ones before it, and all are taken out at the end.

A checkpoint is the whole adapter as it was at that moment, and not what has changed since the one before. Each is
measured on the U-Net as you got it: put the weights back before you merge the next one.
"""

from typing import Any

import torch

CAUGHT_BY = "test_no_checkpoint_depends_on_the_others"

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
    before = predict(others)
    kept = {name: value.clone() for name, value in unet.state_dict().items()}
    found: dict[str, list[float]] = {"trained_on": [], "held_out": [], "drift": []}
    for checkpoint in checkpoints:
        weights = {layer: unet.get_submodule(layer).weight for layer in checkpoint}
        for layer, (A, B, alpha) in checkpoint.items():
            weights[layer] += alpha / len(A) * (B @ A)
        for name, batches in lists.items():
            found[name].append(mean_square(predict(batches), noises[name]))
        found["drift"].append(mean_square(predict(others), before))
    unet.load_state_dict(kept)
    keep = min(range(len(checkpoints)), key=lambda index: found["held_out"][index])
    return {**found, "keep": keep}
