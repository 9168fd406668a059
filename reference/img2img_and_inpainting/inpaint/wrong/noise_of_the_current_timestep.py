"""The kept part gets the noise of the timestep that was just done, not of the next.

After the step the painted part is one timestep further: it carries less noise. The kept part beside it is one timestep
behind. Under Euler and DPM-Solver++ the mistake may not show, since their add_noise can ignore the timestep that it is
given; DDIM's does not.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_the_pipeline"


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
    """Return the result of originals that are one timestep late."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = scheduler.add_noise(z_0, noise, timesteps[i : i + 1]) if i + 1 < running else z_0
        latents = mask * latents + (1 - mask) * original
    return latents
