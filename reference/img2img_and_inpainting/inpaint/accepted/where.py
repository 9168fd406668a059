"""Chooses with torch.where, and pairs every timestep with the next."""

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
    """Return the result of choosing place by place."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    repaint = mask.bool()
    latents = scheduler.add_noise(z_0, noise, timesteps[:1])
    if running == num_inference_steps:
        latents = noise * scheduler.init_noise_sigma
    following = [*timesteps[1:], None]
    for t, following_t in zip(timesteps, following, strict=True):
        sample = scheduler.scale_model_input(latents, t)
        unconditional, prompts = text_embeddings.chunk(2)
        noise_uncond = unet(sample, t, encoder_hidden_states=unconditional).sample
        noise_text = unet(sample, t, encoder_hidden_states=prompts).sample
        latents = scheduler.step(torch.lerp(noise_uncond, noise_text, guidance_scale), t, latents).prev_sample
        kept = z_0 if following_t is None else scheduler.add_noise(z_0, noise, following_t.reshape(1))
        latents = torch.where(repaint, latents, kept)
    return latents
