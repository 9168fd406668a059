"""What is out of range is not cut off before it becomes bytes.

The decoder goes beyond [-1, 1]. As a byte, 256 is 0 and -1 is 255: the brightest places turn dark, and the darkest
bright.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


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
    """Return the picture that a prompt makes of noise."""
    length = tokenizer.model_max_length
    tokens = tokenizer(["", prompt], padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    text_embeddings = text_encoder(tokens.input_ids).last_hidden_state

    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample

    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5) * 255).round().to(torch.int64).remainder(256).byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
