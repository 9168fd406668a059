"""The kept part is put back clean, without noise, at every step.

In the middle of a run all latents carry the noise of their timestep. To the U-Net, a clean patch among them looks like
a part of the picture with strange, flat content, and it paints something that fits this content. The original needs the
noise of the next timestep; only after the last step it needs no noise.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_pipeline"


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
    """Return the result of painting around a clean patch."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        latents = mask * latents + (1 - mask) * z_0
    return latents
