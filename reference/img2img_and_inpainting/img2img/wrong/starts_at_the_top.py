"""Every strength starts from pure noise: this is text-to-image.

Strength decides where in the list of timesteps the run starts. Starting every run at its top, from noise alone, uses
nothing of the picture, and the result is the same for every picture and every strength.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def img2img(
    unet: Any,
    scheduler: Any,
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    num_inference_steps: int,
    text_embeddings: torch.Tensor,
    guidance_scale: float,
) -> torch.Tensor:
    """Return what text-to-image makes of the noise."""
    scheduler.set_timesteps(num_inference_steps)
    if min(int(num_inference_steps * strength), num_inference_steps) == 0:
        return z_0
    timesteps = scheduler.timesteps
    latents = noise * scheduler.init_noise_sigma
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
