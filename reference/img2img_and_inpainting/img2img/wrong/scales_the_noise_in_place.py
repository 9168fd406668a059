"""The noise that was passed in is scaled in place.

`latents = noise` makes no copy: both names mean one tensor, and `latents *= ...` changes what the caller still
needs. A second run with "the same" noise then starts from another. Under DDIM the factor is 1, so the mistake is
invisible there.
"""

from typing import Any

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


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
    """Return the right result, and leave scaled noise behind."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    if strength == 1:
        latents = noise
        latents *= scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
