"""At strength 1 the noise is not multiplied by init_noise_sigma.

Samplers agree on what the noise is, not on the scale of their latents. Euler's latents carry noise of a standard
deviation of sigma, far above 1 at the start; for Euler, plain noise looks like an almost finished picture.
`init_noise_sigma` is 1 for DDIM, so the mistake is invisible there.
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
    """Return the result of a start in DDIM's scale under every sampler."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
