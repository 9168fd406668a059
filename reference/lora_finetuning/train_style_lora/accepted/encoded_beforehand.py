"""Encodes everything before the training, and gives the adapter a name."""

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
    for module in (unet, vae, text_encoder):
        module.requires_grad_(False)
    with torch.no_grad():
        latents = [vae.encode(b["pixel_values"]).latent_dist.mean * vae.config.scaling_factor for b in batches]
        texts = [text_encoder(b["input_ids"]).last_hidden_state for b in batches]
    config = LoraConfig(
        r=4,
        lora_alpha=4,
        init_lora_weights="gaussian",
        target_modules=["attn2.to_k", "attn2.to_q", "attn2.to_v", "attn2.to_out.0"],
    )
    unet.add_adapter(config, adapter_name="pink")
    unet.train()
    optimizer = torch.optim.AdamW((p for n, p in unet.named_parameters() if "lora" in n), lr=learning_rate)
    losses = []
    for batch, z_0, text in zip(batches, latents, texts, strict=True):
        a = alphas_cumprod.index_select(0, batch["timesteps"]).reshape(-1, 1, 1, 1)
        z_t = torch.sqrt(a) * z_0 + torch.sqrt(1 - a) * batch["noise"]
        loss = torch.nn.MSELoss()(unet(z_t, batch["timesteps"], text, return_dict=False)[0], batch["noise"])
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().cpu().item())
    unet.eval()
    return losses
