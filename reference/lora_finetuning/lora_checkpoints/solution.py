"""Every checkpoint merged, measured on three lists of pictures, and taken out by putting copies back."""

from typing import Any

import torch

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

    # step: Write a helper that predicts the noise of all pictures of a list, each at its own timestep.
    def predict(batches: list[Batch]) -> torch.Tensor:
        predictions = []
        for batch in batches:
            alpha_bar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
            latents_t = alpha_bar.sqrt() * batch["latents"] + (1 - alpha_bar).sqrt() * batch["noise"]
            given = {"encoder_hidden_states": batch["text_embeddings"]}
            predictions.append(unet(latents_t, batch["timesteps"], **given).sample)
        return torch.cat(predictions)

    def mean_square(first: torch.Tensor, second: torch.Tensor) -> float:
        return float((first - second).square().mean())

    # step: Join what predictions are compared with: the noises, and what is predicted without any checkpoint.
    lists = {"trained_on": trained_on, "held_out": held_out}
    noises = {name: torch.cat([batch["noise"] for batch in batches]) for name, batches in lists.items()}
    before = predict(others)
    found: dict[str, list[float]] = {"trained_on": [], "held_out": [], "drift": []}
    for checkpoint in checkpoints:
        # step: Keep a copy of every weight that the checkpoint changes, and merge it.
        weights = {layer: unet.get_submodule(layer).weight for layer in checkpoint}
        # blank: kept = ____
        kept = {layer: weight.clone() for layer, weight in weights.items()}
        for layer, (A, B, alpha) in checkpoint.items():
            # blank: weights[layer] += ____
            weights[layer] += alpha / len(A) * (B @ A)
        # step: Measure it on the three lists of pictures.
        for name, batches in lists.items():
            found[name].append(mean_square(predict(batches), noises[name]))
        # blank: found["drift"].append(____)
        found["drift"].append(mean_square(predict(others), before))
        # step: Put the copies back.
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    # step: Keep the checkpoint that does best on pictures that it was not trained on.
    # blank: keep = ____
    keep = min(range(len(checkpoints)), key=lambda index: found["held_out"][index])
    return {**found, "keep": keep}
