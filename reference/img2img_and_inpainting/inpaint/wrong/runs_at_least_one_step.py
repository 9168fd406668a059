"""At least one timestep runs, whatever the strength.

Where the share is less than one step, nothing runs: strength 0 returns the picture as it is. One step "to be safe"
noises the part inside the mask and paints it anew.
"""

from typing import Any

import torch

CAUGHT_BY = "test_zero_strength_returns_the_picture"


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
    """Return the result of one step or more."""
    scheduler.set_timesteps(num_inference_steps)
    running = max(1, min(int(num_inference_steps * strength), num_inference_steps))
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        latents = mask * latents + (1 - mask) * original
    return latents
