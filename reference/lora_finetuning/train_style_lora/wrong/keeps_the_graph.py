"""The losses are tensors instead of floats.

A tensor is not a float. Unless it is detached, it also holds on to the graph of its computation, so a list of losses
keeps something of every batch in memory. `loss.item()` is the number alone.
"""

from typing import Any

import torch
from peft import LoraConfig

CAUGHT_BY = "test_losses_are_those_of_the_batches"


def train_style_lora(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Add an adapter to the U-Net, train it on the batches, and return the loss of each."""
    targets = ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=targets))
    trainable = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=learning_rate)
    losses = []
    for batch in batches:
        noise, timesteps = batch["noise"], batch["timesteps"]
        with torch.no_grad():
            z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
            text = text_encoder(batch["input_ids"]).last_hidden_state
        alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
        z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
        noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
        loss = torch.nn.functional.mse_loss(noise_pred, noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses
