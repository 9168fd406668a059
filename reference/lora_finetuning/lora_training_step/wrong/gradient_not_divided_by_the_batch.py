"""The gradients of the pictures are added up and not divided by their number.

The loss is the mean over the batch, and so is its gradient. AdamW hides the factor within one step, but it remembers
all steps: a batch of three then weighs three times as much as a batch of one. Divide before backward().
"""

from typing import Any

import torch

CAUGHT_BY = "test_three_steps_equal_the_references"


def lora_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    alphas_cumprod: torch.Tensor,
) -> float:
    """Go back from the loss of every picture."""
    noise, timesteps = batch["noise"], batch["timesteps"]
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"]).last_hidden_state
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    each = []
    optimizer.zero_grad()
    for i in range(len(z_t)):
        noise_pred = unet(z_t[i : i + 1], timesteps[i : i + 1], encoder_hidden_states=text[i : i + 1]).sample
        loss = torch.mean((noise_pred - noise[i : i + 1]) ** 2)
        loss.backward()
        each.append(loss.item())
    optimizer.step()
    return sum(each) / len(each)
