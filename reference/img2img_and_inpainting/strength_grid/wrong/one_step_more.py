"""One step more runs than the strength says.

Of n timesteps the last int(n * strength) run: int() cuts off the part of a step, and nothing is added. The first of
them has the index n - int(n * strength).
"""

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
    """Return runs that begin one timestep too early."""
    steps, start_timesteps, results = [], [], []
    for strength in strengths:
        scheduler.set_timesteps(num_inference_steps)
        running = min(int(num_inference_steps * strength) + 1, num_inference_steps)
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
