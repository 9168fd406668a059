"""init_noise_sigma is read before the timesteps are set.

How much noise the first timestep has depends on where the timesteps lie, and a fresh scheduler knows none yet: with
leading timesteps, Euler begins at 13.2 and not at 14.6. Set the timesteps first.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_starts_from_the_noise_of_its_timesteps"


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
    """Return a picture from noise for other timesteps."""
    length = tokenizer.model_max_length
    tokens = tokenizer(["", prompt], padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    text_embeddings = text_encoder(tokens.input_ids).last_hidden_state

    latents = latents * scheduler.init_noise_sigma
    scheduler.set_timesteps(num_inference_steps)
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample

    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
