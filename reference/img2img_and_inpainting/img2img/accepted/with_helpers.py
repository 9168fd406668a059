"""Split into helpers of its own, and with a graph that nobody needs."""

from typing import Any

import torch


def guided(unet, sample, t, text_embeddings, guidance_scale):
    """Return the guided prediction, both halves in one pass."""
    both = unet(torch.cat((sample, sample)), int(t), text_embeddings)["sample"]
    noise_uncond, noise_text = both.chunk(2)
    return noise_text + (guidance_scale - 1) * (noise_text - noise_uncond)


def start(scheduler, z_0, noise, skipped):
    """Return the latents before the first step that runs."""
    if skipped == len(scheduler.timesteps):
        return z_0
    if skipped == 0:
        return noise * scheduler.init_noise_sigma
    return scheduler.add_noise(original_samples=z_0, noise=noise, timesteps=scheduler.timesteps[skipped : skipped + 1])


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
    """Return the result, by way of helpers."""
    scheduler.set_timesteps(num_inference_steps)
    skipped = num_inference_steps - min(int(strength * num_inference_steps), num_inference_steps)
    latents = start(scheduler, z_0, noise, skipped)
    for index, t in enumerate(scheduler.timesteps):
        if index < skipped:
            continue
        noise_pred = guided(unet, scheduler.scale_model_input(latents, t), t, text_embeddings, guidance_scale)
        latents = scheduler.step(noise_pred, t, latents)["prev_sample"]
    return latents
