"""The start is noised by DDIM's formula under every sampler, not by scheduler.add_noise.

sqrt(alpha-bar) z_0 + sqrt(1 - alpha-bar) noise is a picture of spread 1. Euler's latents are z_0 + sigma noise, which
is that picture divided by sqrt(alpha-bar). Only the scheduler knows the scale of its own latents.
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
    """Return the latents that img2img makes of z_0."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    alpha_bar = scheduler.alphas_cumprod[timesteps[0].long()]
    noised = torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise
    latents = pure if strength == 1 else noised
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
