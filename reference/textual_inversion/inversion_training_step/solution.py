"""Loss, step, and the rows put back."""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it


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
    """Do a step, then restore every row that is not trained."""
    # step: Encode the pictures, without gradients.
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    # step: Noise the latents to their timesteps.
    abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
    # blank: z_t = ____
    z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
    # step: Encode the prompts, with gradients, and compare the predicted noise with the true one.
    told = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(noise_pred, batch["noise"])
    # step: Take a step with the optimizer.
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    # step: Put all rows back but those of the new tokens.
    with torch.no_grad():
        table = text_encoder.get_input_embeddings().weight
        others = torch.ones(len(table), dtype=torch.bool)
        others[token_ids] = False
        # blank: table[____] = ____
        table[others] = original[others]
    return loss.item()
