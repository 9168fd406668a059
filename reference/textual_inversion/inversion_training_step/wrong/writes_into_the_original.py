"""The learned rows are written into the original.

The original is the record of the table before training, and the next steps compare with it. Fill a copy instead.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_leaves_inputs_alone"


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
    """Restore by way of the original."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    told = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(noise_pred, batch["noise"])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        original[token_ids] = table[token_ids]
        table.copy_(original)
    return loss.item()
