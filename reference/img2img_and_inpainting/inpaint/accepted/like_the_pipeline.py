"""Sets the begin index, and combines in the pipeline's order."""

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
    """Return the result of a loop over indices."""
    scheduler.set_timesteps(num_inference_steps)
    t_start = num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[t_start:]
    if len(timesteps) == 0:
        return z_0.clone()
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(t_start)
    batch = len(z_0)
    if t_start == 0:
        latents = noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(z_0, noise, timesteps[:1].repeat(batch))
    for i, t in enumerate(timesteps):
        model_input = scheduler.scale_model_input(torch.cat([latents] * 2), t)
        noise_pred = unet(model_input, t, encoder_hidden_states=text_embeddings, return_dict=False)[0]
        guided = guidance_scale * noise_pred[batch:] + (1 - guidance_scale) * noise_pred[:batch]
        latents = scheduler.step(guided, t, latents, return_dict=False)[0]
        kept = z_0
        if i < len(timesteps) - 1:
            kept = scheduler.add_noise(kept, noise, torch.tensor([timesteps[i + 1]]))
        latents = (1 - mask) * kept + mask * latents
    return latents
