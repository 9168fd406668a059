"""At strength 1 a trace of the picture is left in the start.

add_noise at the very first timestep keeps sqrt(alpha-bar) of the picture, because the schedule never quite reaches pure
noise. The img2img pipeline does the same, so its strength 1 is not text-to-image. The statement asks for pure noise
there.
"""

from typing import Any

import torch

CAUGHT_BY = "test_full_strength_is_text_to_image"


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
    """Return the result of a start that is never pure noise."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    latents = scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
