"""The number of steps is rounded up.

int() cuts off the part of a step: 5.7 steps are 5. Rounded up, a run begins one timestep earlier wherever n * strength
is not a whole number.
"""

import math
from typing import Any

import torch

CAUGHT_BY = "test_steps_and_starts_are_those_of_the_sampler"


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
    """Return runs that begin one timestep too early, unless a whole number of steps runs."""
    steps, start_timesteps, results = [], [], []
    for strength in strengths:
        scheduler.set_timesteps(num_inference_steps)
        running = min(math.ceil(num_inference_steps * strength), num_inference_steps)
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
    distances = (latents - z_0).abs().flatten(1).mean(dim=1).tolist()
    return {"steps": steps, "start_timesteps": start_timesteps, "latents": latents, "distances": distances}


def _start(
    scheduler: Any, z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor
) -> torch.Tensor:
    """Return the latents that a run starts from, as in img2img."""
    if len(timesteps) == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    return pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
