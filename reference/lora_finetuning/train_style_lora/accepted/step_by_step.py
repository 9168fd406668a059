"""With a training step of its own, and PEFT's lower-level call."""

from typing import Any

import torch
from peft import LoraConfig


def training_step(unet, vae, text_encoder, optimizer, batch, alphas_cumprod):
    """Train on one batch, one picture at a time."""
    optimizer.zero_grad()
    size, total = len(batch["noise"]), 0.0
    for k in range(size):
        noise, t = batch["noise"][k : k + 1], batch["timesteps"][k]
        with torch.no_grad():
            z_0 = vae.encode(batch["pixel_values"][k : k + 1]).latent_dist.mode() * vae.config.scaling_factor
            text = text_encoder(batch["input_ids"][k : k + 1]).last_hidden_state
        a = alphas_cumprod[t].item()
        predicted = unet(a**0.5 * z_0 + (1 - a) ** 0.5 * noise, t, encoder_hidden_states=text).sample
        loss = torch.nn.functional.mse_loss(predicted, noise) / size
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total


def train_style_lora(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Add an adapter to the U-Net, train it, and return the losses."""
    from peft import inject_adapter_in_model

    unet.requires_grad_(False)
    targets = r".*\.attn2\.to_(q|k|v|out\.0)"
    inject_adapter_in_model(LoraConfig(r=4, lora_alpha=4, target_modules=targets), unet)
    optimizer = torch.optim.AdamW([p for p in unet.parameters() if p.requires_grad], learning_rate)
    return [training_step(unet, vae, text_encoder, optimizer, batch, alphas_cumprod) for batch in batches]
