"""Every strength has the same distance, the mean over the whole grid.

Take the mean over channels and places, and keep the axis of the strengths: what is to be seen is how they differ.
"""

from typing import Any

import torch

CAUGHT_BY = "test_more_strength_leads_further_away"


@torch.no_grad()
def strength_grid(
    unet: Any,
    scheduler: Any,
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strengths: list[float],
    num_inference_steps: int,
    text_embeddings: torch.Tensor,
    guidance_scale: float,
) -> dict[str, Any]:
    """Return the mean distance for every strength."""
    steps, start_timesteps, results = [], [], []
    for strength in strengths:
        scheduler.set_timesteps(num_inference_steps)
        running = min(int(num_inference_steps * strength), num_inference_steps)
        timesteps = scheduler.timesteps[num_inference_steps - running :]
        steps.append(running)
        start_timesteps.append(timesteps[0].item() if running else None)
        latents = _start(scheduler, z_0, noise, strength, timesteps)
        for t in timesteps:
            sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
            noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
            noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
            latents = scheduler.step(noise_pred, t, latents).prev_sample
        results.append(latents)
    latents = torch.cat(results)
    distances = [(latents - z_0).abs().mean().item()] * len(strengths)
    return {"steps": steps, "start_timesteps": start_timesteps, "latents": latents, "distances": distances}


def _start(
    scheduler: Any, z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor
) -> torch.Tensor:
    """Return the latents that a run starts from, as in img2img."""
    if len(timesteps) == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    return pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
