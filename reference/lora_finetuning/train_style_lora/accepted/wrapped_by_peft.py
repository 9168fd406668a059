"""Lets PEFT wrap the U-Net, and trains the wrapper."""

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
    """Add an adapter to the U-Net, train it, and return the losses."""
    from peft import get_peft_model

    names = [n for n, m in unet.named_modules() if "attn2" in n and isinstance(m, torch.nn.Linear)]
    model = get_peft_model(unet, LoraConfig(r=4, lora_alpha=4, target_modules=names))
    vae.requires_grad_(False)
    text_encoder.requires_grad_(False)
    optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=learning_rate)
    losses = []
    for batch in batches:
        noise, t = batch["noise"], batch["timesteps"]
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        a = alphas_cumprod[t][:, None, None, None]
        predicted = model(a**0.5 * z_0 + (1 - a) ** 0.5 * noise, t, text_encoder(batch["input_ids"])[0]).sample
        loss = ((predicted - noise) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss))
    return losses
