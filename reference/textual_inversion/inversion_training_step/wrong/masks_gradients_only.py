"""The gradients of the other rows are set to zero, and the rows are not put back.

Under AdamW a row with a gradient of zero still moves: weight decay shrinks every row at every step, and momentum goes
on. Put the rows back after the step.
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
    """Do a step along a masked gradient."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    told = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(noise_pred, batch["noise"])
    optimizer.zero_grad()
    loss.backward()
    mask = torch.zeros_like(original)
    mask[token_ids] = 1
    text_encoder.get_input_embeddings().weight.grad.mul_(mask)
    optimizer.step()
    return loss.item()
