"""img2img once for every strength, with timesteps set anew, and measured at the end."""

from typing import Any

import torch


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
    """Return the number of steps, the start, the result and its distance from z_0, for every strength."""
    steps, start_timesteps, results = [], [], []
    # step: For every strength, in the order of the list:
    for strength in strengths:
        # step: Set the timesteps anew, and keep the last ones, as many as run at this strength.
        scheduler.set_timesteps(num_inference_steps)
        # blank: running = ____
        running = min(int(num_inference_steps * strength), num_inference_steps)
        timesteps = scheduler.timesteps[num_inference_steps - running :]
        steps.append(running)
        # step: Note the first of them, if there is one.
        # blank: start_timesteps.append(____)
        start_timesteps.append(timesteps[0].item() if running else None)
        # step: Start from the picture and the noise that all strengths share.
        latents = _start(scheduler, z_0, noise, strength, timesteps)
        for t in timesteps:
            sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
            noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
            noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
            latents = scheduler.step(noise_pred, t, latents).prev_sample
        results.append(latents)
    # step: Measure how far each result is from the picture.
    latents = torch.cat(results)
    # blank: distances = ____
    distances = (latents - z_0).abs().flatten(1).mean(dim=1).tolist()
    return {"steps": steps, "start_timesteps": start_timesteps, "latents": latents, "distances": distances}


def _start(
    scheduler: Any, z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor
) -> torch.Tensor:
    """Return the latents that a run starts from, as in img2img."""
    if len(timesteps) == 0:
        return z_0
    # step: Begin with noise alone at strength 1, else with z_0 noised to the first timestep that runs.
    pure = noise * scheduler.init_noise_sigma
    # blank: return pure if strength == 1 else ____
    return pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
