"""Every strength draws a noise of its own.

Then two things differ between the results, strength and noise, and nobody can say which of them made the difference.
Near the strengths at which a picture is given up, another noise matters more than a tenth of strength.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equal_steps_have_equal_results"


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
    """Return results of as many noises."""
    steps, start_timesteps, results = [], [], []
    for place, strength in enumerate(strengths):
        scheduler.set_timesteps(num_inference_steps)
        running = min(int(num_inference_steps * strength), num_inference_steps)
        timesteps = scheduler.timesteps[num_inference_steps - running :]
        steps.append(running)
        start_timesteps.append(timesteps[0].item() if running else None)
        own = torch.randn(noise.shape, generator=torch.Generator().manual_seed(place))
        latents = _start(scheduler, z_0, own if place else noise, strength, timesteps)
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
