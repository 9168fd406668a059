"""The start is the picture plus strength times the noise.

How much noise a timestep has is written in the schedule: sqrt(alpha-bar) of the picture and sqrt(1 - alpha-bar) of the
noise; the sampler's `add_noise` knows the right weights. Strength only says which timestep that is.
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
    """Return the result of a start with the wrong amount of noise."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else z_0 + strength * noise
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
