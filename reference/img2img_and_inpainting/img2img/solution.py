"""Starts where the strength says, then denoises with guidance to the end."""

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
    """Return the latents that img2img makes of z_0."""
    # step: Find out how many steps run at this strength, and keep the last ones.
    scheduler.set_timesteps(num_inference_steps)
    # blank: running = ____
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    # step: If none run, the latents stay as they are.
    if running == 0:
        return z_0
    # step: Begin with noise alone at strength 1, else with z_0 noised to the first timestep that runs.
    pure = noise * scheduler.init_noise_sigma
    # blank: latents = pure if strength == 1 else ____
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    # step: At each timestep, predict with both prompts at once, guide, and take a step.
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return latents
