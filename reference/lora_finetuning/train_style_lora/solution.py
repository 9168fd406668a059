"""An adapter on the cross-attention, one AdamW for it, one step a batch."""

from typing import Any

import torch
from peft import LoraConfig


def train_style_lora(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Add an adapter to the U-Net, train it on the batches, and return the loss of each."""
    # step: Add an adapter to the four layers of every cross-attention.
    targets = ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]
    # blank: unet.add_adapter(____)
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=targets))
    # step: Make one optimizer for what the adapter has brought, before the first batch.
    # blank: trainable = ____
    trainable = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=learning_rate)
    losses = []
    # step: For each batch:
    for batch in batches:
        noise, timesteps = batch["noise"], batch["timesteps"]
        # step: Encode pictures and prompts without gradients, and noise the latents.
        with torch.no_grad():
            z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
            text = text_encoder(batch["input_ids"]).last_hidden_state
        # blank: alpha_bar = ____
        alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
        # blank: z_t = ____
        z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
        # step: Predict the noise, take a step, and keep the loss.
        noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
        loss = torch.nn.functional.mse_loss(noise_pred, noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
