"""Each prompt is padded to its own length, which adds nothing.

padding=True pads to the longest text of one call. The text encoder and the U-Net were trained on texts of
tokenizer.model_max_length tokens, and the padding takes part in attention like any other token: padding="max_length".
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_prompts_are_padded"


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
    """Return the picture of two shorter texts."""
    empty, text = (
        text_encoder(tokenizer([text], padding=True, truncation=True, return_tensors="pt").input_ids).last_hidden_state
        for text in ("", prompt)
    )

    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(latents, t)
        noise_uncond = unet(sample, t, encoder_hidden_states=empty).sample
        noise_text = unet(sample, t, encoder_hidden_states=text).sample
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample

    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
