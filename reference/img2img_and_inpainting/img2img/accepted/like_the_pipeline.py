"""Sets the begin index as the pipeline does, and skips nothing by slicing."""

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
    """Return the result of a loop over indices."""
    scheduler.set_timesteps(num_inference_steps)
    t_start = max(num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps), 0)
    if t_start == num_inference_steps:
        return z_0.clone()
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(t_start)
    batch = z_0.shape[0]
    first = scheduler.timesteps[t_start].repeat(batch)
    latents = scheduler.add_noise(z_0, noise, first) if t_start > 0 else noise * scheduler.init_noise_sigma
    for index in range(t_start, num_inference_steps):
        t = scheduler.timesteps[index]
        model_input = scheduler.scale_model_input(torch.cat([latents] * 2), t)
        noise_pred = unet(model_input, t, encoder_hidden_states=text_embeddings, return_dict=False)[0]
        guided = guidance_scale * noise_pred[batch:] + (1 - guidance_scale) * noise_pred[:batch]
        latents = scheduler.step(guided, t, latents, return_dict=False)[0]
    return latents
