"""The U-Net is made trainable and moves as well.

Textual inversion leaves the model as it is: a U-Net that has moved paints every prompt differently.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_everything_else_stays"


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
    """Do a step with the U-Net as well."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    told = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(noise_pred, batch["noise"])
    unet.requires_grad_(True)
    optimizer.zero_grad()
    loss = F.mse_loss(unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample, batch["noise"])
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for parameter in unet.parameters():
            parameter.sub_(1e-4 * parameter.grad)
            parameter.grad = None
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        others = torch.ones(len(table), dtype=torch.bool)
        others[token_ids] = False
        table[others] = original[others]
    return loss.item()
