"""Writes the kept places into the latents by index, in its own tensors."""

from typing import Any

import torch


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
    """Return the result of assigning what is kept."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    keep = (mask == 0).expand_as(z_0)
    latents = (
        (noise * scheduler.init_noise_sigma).clone()
        if strength == 1
        else scheduler.add_noise(z_0, noise, timesteps[:1])
    )
    last = len(timesteps) - 1
    for i, t in enumerate(timesteps):
        both = unet(scheduler.scale_model_input(torch.cat((latents, latents)), t), t, text_embeddings)["sample"]
        noise_uncond, noise_text = both.chunk(2)
        noise_pred = noise_text + (guidance_scale - 1) * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents)["prev_sample"].clone()
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1][None]) if i != last else z_0
        latents[keep] = original[keep]
    return latents
