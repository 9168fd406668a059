"""At strength 1 a trace of the picture is left in the start.

add_noise at the very first timestep keeps sqrt(alpha-bar) of the picture, inside the mask too. At strength 1 the
start is pure noise, times init_noise_sigma.
"""

from typing import Any

import torch

CAUGHT_BY = "test_full_mask_at_full_strength_is_text_to_image"


@torch.no_grad()
def inpaint(
    unet: Any,
    scheduler: Any,
    z_0: torch.Tensor,
    mask: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    num_inference_steps: int,
    text_embeddings: torch.Tensor,
    guidance_scale: float,
) -> torch.Tensor:
    """Return the result of a start that is never pure noise."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    latents = scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        latents = mask * latents + (1 - mask) * original
    return latents
