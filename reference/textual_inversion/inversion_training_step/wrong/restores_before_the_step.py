"""The rows are put back before the step, which then moves them again.

This undoes the step before. After the current step the rows are off again, by one step. Restore after optimizer.step().
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_only_the_trained_row_moves"


def inversion_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: Any,
    batch: dict[str, torch.Tensor],
    token_ids: list[int],
    original: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> float:
    """Restore, then do a step."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    told = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(noise_pred, batch["noise"])
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        others = torch.ones(len(table), dtype=torch.bool)
        others[token_ids] = False
        table[others] = original[others]
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
