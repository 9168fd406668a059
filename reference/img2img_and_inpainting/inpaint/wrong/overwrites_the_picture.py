"""The original is noised in the tensor that was passed in.

`original = z_0` makes no copy, and writing into it destroys the picture that the next step needs to put back: its
noise then comes on top of the noise from before.
"""

from typing import Any

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


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
    """Return the result of originals that grow noisier."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    if running == 0:
        return z_0
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = z_0
        if i + 1 < running:
            original.copy_(scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]))
        latents = mask * latents + (1 - mask) * original
    return latents
