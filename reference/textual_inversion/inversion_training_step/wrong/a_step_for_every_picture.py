"""The optimizer takes a step for every picture of the batch.

A batch gives one gradient, the mean over its pictures, and one step. With a step for each picture the second one is
judged by a table that the first has moved already.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_loss_is_that_of_the_noise"


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
    """Step once for each picture."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    losses = []
    for i in range(len(z_t)):
        told = text_encoder(batch["input_ids"][i : i + 1]).last_hidden_state
        noise_pred = unet(z_t[i : i + 1], batch["timesteps"][i : i + 1], encoder_hidden_states=told).sample
        loss = F.mse_loss(noise_pred, batch["noise"][i : i + 1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        others = torch.ones(len(table), dtype=torch.bool)
        others[token_ids] = False
        table[others] = original[others]
    return sum(losses) / len(losses)
