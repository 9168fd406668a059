"""Every strength starts from pure noise.

Strength decides which timesteps run. Below 1 the start is the picture with the noise of the first of them, inside the
mask too; from noise alone, what was inside the mask cannot come through, and the first timestep that runs expects less
noise than there is.
"""

from typing import Any

import torch

CAUGHT_BY = "test_full_mask_is_img2img"


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
    """Return the result of a start without the picture."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    latents = noise * scheduler.init_noise_sigma
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        latents = mask * latents + (1 - mask) * original
    return latents
