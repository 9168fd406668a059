"""The table keeps the last row that was measured.

The row that stood there is not put back, or was never copied: `table[token_id]` without `.clone()` is a view, and what
is put back then is what stands there already.
"""

from typing import Any

import torch

CAUGHT_BY = "test_all_weights_are_as_before"


@torch.no_grad()
def word_or_adapter(
    unet: Any,
    text_encoder: Any,
    token_id: int,
    row: torch.Tensor,
    adapter: dict[str, tuple[torch.Tensor, torch.Tensor, float]],
    strengths: list[float],
    shown: list[dict[str, torch.Tensor]],
    others: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return numbers, losses and drifts of a word and of an adapter."""

    def predictions(batches: list[dict[str, torch.Tensor]]) -> torch.Tensor:
        found = []
        for batch in batches:
            abar = alphas_cumprod[batch["timesteps"]].view(-1, 1, 1, 1)
            z_t = abar.sqrt() * batch["latents"] + (1 - abar).sqrt() * batch["noise"]
            states = text_encoder(batch["input_ids"]).last_hidden_state
            found.append(unet(z_t, batch["timesteps"], encoder_hidden_states=states).sample)
        return torch.cat(found)

    before, noise = predictions(others), torch.cat([batch["noise"] for batch in shown])
    table = text_encoder.get_input_embeddings().weight
    start = table[token_id]
    first = start.clone()
    weights = {layer: unet.get_submodule(layer).weight for layer in adapter}
    kept = {layer: weight.clone() for layer, weight in weights.items()}
    losses, drifts = torch.zeros(2, len(strengths)), torch.zeros(2, len(strengths))

    def measure(way: int, place: int) -> None:
        losses[way, place] = (predictions(shown) - noise).square().mean()
        drifts[way, place] = (predictions(others) - before).abs().mean()

    for place, strength in enumerate(strengths):
        table[token_id] = first + strength * (row - first)
        measure(0, place)
        table[token_id] = start
        for layer, (A, B, alpha) in adapter.items():
            weights[layer] += strength * alpha / len(A) * (B @ A)
        measure(1, place)
        for layer, weight in weights.items():
            weight.copy_(kept[layer])
    learned = sum(A.numel() + B.numel() for A, B, _ in adapter.values())
    return {"numbers": [row.numel(), learned], "losses": losses, "drifts": drifts}
