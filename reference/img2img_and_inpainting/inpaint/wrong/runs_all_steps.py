"""The start is right for the strength, but then all timesteps run.

The noise in the start belongs to the first of the last timesteps; a run from the top expects far more of it. The
timesteps are those of img2img: the last ones, as many as the strength lets run.
"""

from typing import Any

import torch

CAUGHT_BY = "test_asks_for_the_last_timesteps"


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
    """Return the result of too many steps."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(scheduler.timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = (
            scheduler.add_noise(z_0, noise, scheduler.timesteps[i + 1 : i + 2]) if i + 1 < num_inference_steps else z_0
        )
        latents = mask * latents + (1 - mask) * original
    return latents
