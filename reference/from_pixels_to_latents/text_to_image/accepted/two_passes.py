"""Asks the U-Net once for each half, and cuts the decimals of the levels off."""

from typing import Any

import torch
from PIL import Image


@torch.no_grad()
def text_to_image(
    tokenizer: Any,
    text_encoder: Any,
    unet: Any,
    scheduler: Any,
    vae: Any,
    prompt: str,
    latents: torch.Tensor,
    num_inference_steps: int,
    guidance_scale: float,
) -> Image.Image:
    """Return the picture of two calls a step."""
    length = tokenizer.model_max_length
    options = {"padding": "max_length", "max_length": length, "truncation": True, "return_tensors": "pt"}
    nothing, told = (text_encoder(tokenizer([text], **options)["input_ids"])[0] for text in ("", prompt))

    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(latents, t)
        noise_uncond = unet(sample, t, encoder_hidden_states=nothing).sample
        noise_text = unet(sample, t, encoder_hidden_states=told).sample
        noise_pred = torch.lerp(noise_uncond, noise_text, guidance_scale)
        latents = scheduler.step(noise_pred, t, latents).prev_sample

    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels + 1) * 127.5).clamp(0, 255).to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
