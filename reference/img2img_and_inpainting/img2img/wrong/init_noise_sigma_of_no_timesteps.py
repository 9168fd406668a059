"""init_noise_sigma is read before the timesteps are set.

How much noise the first timestep has depends on where the timesteps lie, and a fresh scheduler knows none yet: with
leading timesteps, Euler begins at 13.2 and not at 14.6. Set the timesteps first.
"""

from typing import Any

import torch

CAUGHT_BY = "test_full_strength_on_other_timesteps"


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
    pure = noise * scheduler.init_noise_sigma
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
