"""The result is blended with the picture, by the strength.

Strength is not the opacity of the new picture over the old one. It says how much noise the old one gets, and the
denoising that follows decides what becomes of it. A blend shows two pictures at once, like a double exposure.
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
    """Return a blend of text-to-image with the picture."""
    scheduler.set_timesteps(num_inference_steps)
    timesteps = scheduler.timesteps
    latents = noise * scheduler.init_noise_sigma
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return strength * latents + (1 - strength) * z_0
