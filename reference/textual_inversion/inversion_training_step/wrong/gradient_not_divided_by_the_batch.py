"""The gradients of the pictures are added up and not divided by their number.

The loss is the mean over the batch, and so is its gradient. AdamW hides the factor within one step, but its memory is
of all steps: a batch of four then weighs four times as much in it as a batch of one. Divide before backward().
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_equals_reference"


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
    """Go back from the loss of every picture."""
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    losses = []
    optimizer.zero_grad()
    for i in range(len(z_t)):
        told = text_encoder(batch["input_ids"][i : i + 1]).last_hidden_state
        noise_pred = unet(z_t[i : i + 1], batch["timesteps"][i : i + 1], encoder_hidden_states=told).sample
        loss = F.mse_loss(noise_pred, batch["noise"][i : i + 1])
        loss.backward()
        losses.append(loss.item())
    optimizer.step()
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        others = torch.ones(len(table), dtype=torch.bool)
        others[token_ids] = False
        table[others] = original[others]
    return sum(losses) / len(losses)
