"""The scheduler is set to fewer steps, which then run from the top.

Six steps at strength 0.65 are not three steps. The scheduler has to spread all six over the noise levels first; the
last three of them run. Three steps spread over all levels start from the noisiest.
"""

from typing import Any

import torch

CAUGHT_BY = "test_asks_for_the_last_timesteps"


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
    """Return the result of a shorter run from the top."""
    running = min(int(num_inference_steps * strength), num_inference_steps)
    if running == 0:
        return z_0
    scheduler.set_timesteps(running)
    timesteps = scheduler.timesteps
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
