"""The original is put back once, after the loop: cut and paste.

During the loop nothing tells the U-Net what is around the painted part, and at strength 1 it paints as if the picture
did not exist. Pasted together afterwards, the two halves do not fit: the border shows. The original has to be there
after every step.
"""

from typing import Any

import torch

CAUGHT_BY = "test_what_is_painted_depends_on_what_is_kept"


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
    """Return img2img's result with the original pasted over it."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for t in timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
    return mask * latents + (1 - mask) * z_0
