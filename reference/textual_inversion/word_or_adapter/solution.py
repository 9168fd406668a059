"""Rows and weights are written in place, and put back from copies."""

from typing import Any

import torch

Batch = dict[str, torch.Tensor]


@torch.no_grad()
def word_or_adapter(
    unet: Any,
    text_encoder: Any,
    token_id: int,
    row: torch.Tensor,
    adapter: dict[str, tuple[torch.Tensor, torch.Tensor, float]],
    strengths: list[float],
    shown: list[Batch],
    others: list[Batch],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return how many numbers a word and an adapter have, and their losses and drifts at all strengths."""

    def predictions(batches: list[Batch]) -> torch.Tensor:
        # step: Predict the noise of every picture, at its own timestep, and put all pictures into one tensor.
        found = []
        for batch in batches:
            abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
            z_t = abar.sqrt() * batch["latents"] + (1 - abar).sqrt() * batch["noise"]
            states = text_encoder(batch["input_ids"]).last_hidden_state
            found.append(unet(z_t, batch["timesteps"], encoder_hidden_states=states).sample)
        return torch.cat(found)

    # step: Ask the model as it is about the other prompts, and keep copies of what will be written over.
    before, noise = predictions(others), torch.cat([batch["noise"] for batch in shown])
    table = text_encoder.get_input_embeddings().weight
    start = table[token_id].clone()
    weights = {layer: unet.get_submodule(layer).weight for layer in adapter}
    kept = {layer: weights[layer].clone() for layer in adapter}
    losses, drifts = torch.zeros(2, len(strengths)), torch.zeros(2, len(strengths))

    def measure(way: int, place: int) -> None:
        # step: Compare with the noise, and with what the model predicted before, over all pictures at once.
        # blank: losses[way, place] = ____
        losses[way, place] = (predictions(shown) - noise).square().mean()
        # blank: drifts[way, place] = ____
        drifts[way, place] = (predictions(others) - before).abs().mean()

    for place, strength in enumerate(strengths):
        # step: The word: go from the start towards the learned row, measure, and put the start back.
        # blank: table[token_id] = ____
        table[token_id] = start + strength * (row - start)
        measure(0, place)
        table[token_id] = start
        # step: The adapter: add what it has learned to each layer, measure, and put the copies back.
        for layer, (A, B, alpha) in adapter.items():
            # blank: weights[layer] += ____
            weights[layer] += strength * alpha / len(A) * (B @ A)
        measure(1, place)
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    # step: Count the numbers of the row, and those of all matrices.
    learned = sum(A.numel() + B.numel() for A, B, _ in adapter.values())
    return {"numbers": [row.numel(), learned], "losses": losses, "drifts": drifts}
