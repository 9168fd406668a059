"""The row does not learn: `backward()` or `step()` is missing, or the gradients were cleared between them.

A loss is only a number. `backward()` fills in the gradients, and `step()` moves the numbers by them, if `zero_grad()`
has not been called in between.
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
    """Do a step without a gradient."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    told = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(noise_pred, batch["noise"])
    optimizer.zero_grad()
    optimizer.step()
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        others = torch.ones(len(table), dtype=torch.bool)
        others[token_ids] = False
        table[others] = original[others]
    return loss.item()
