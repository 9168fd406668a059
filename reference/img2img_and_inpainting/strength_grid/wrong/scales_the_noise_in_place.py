"""The noise is scaled in place at strength 1.

It is the noise of all strengths. Whatever comes after strength 1 in the list starts from a noise that is too strong by
init_noise_sigma, and so does the caller's next run. Under DDIM the factor is 1, and nothing shows.
"""

from typing import Any

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


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
    """Return results of a noise that grows."""
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
    distances = (latents - z_0).abs().flatten(1).mean(dim=1).tolist()
    return {"steps": steps, "start_timesteps": start_timesteps, "latents": latents, "distances": distances}


def _start(
    scheduler: Any, z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor
) -> torch.Tensor:
    """Return the latents that a run starts from, as in img2img."""
    if len(timesteps) == 0:
        return z_0
    pure = noise.mul_(scheduler.init_noise_sigma) if strength == 1 else noise
    return pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
