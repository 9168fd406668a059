"""Asks the U-Net twice a step, once for each half."""

from typing import Any

import torch


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
    """Return the result of two calls a step."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    unconditional, prompts = text_embeddings.chunk(2)
    latents = z_0
    if running == num_inference_steps:
        latents = scheduler.init_noise_sigma * noise
    elif running:
        latents = scheduler.add_noise(z_0, noise, timesteps[0].reshape(1))
    for t in timesteps:
        sample = scheduler.scale_model_input(latents, t)
        noise_uncond = unet(sample, t, encoder_hidden_states=unconditional).sample
        noise_text = unet(sample, t, encoder_hidden_states=prompts).sample
        latents = scheduler.step(torch.lerp(noise_uncond, noise_text, guidance_scale), t, latents).prev_sample
    return latents
