"""Guidance is left out: only the unconditional half of the prediction is used.

The prompt reaches the picture by way of the difference between the two predictions, times guidance_scale. Without it
the prompt has no effect.
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
    """Return the result without guidance."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, _ = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        latents = scheduler.step(noise_uncond, t, latents).prev_sample
    return latents
