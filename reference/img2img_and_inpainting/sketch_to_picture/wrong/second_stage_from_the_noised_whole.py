"""The second stage starts from the first one's result with noise, not from noise alone.

At strength 1 nothing of the picture may be left in the start. add_noise at the first timestep leaves some: Stable
Diffusion's schedule never reaches pure noise.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_both_stages"


@torch.no_grad()
def sketch_to_picture(
    unet: Any,
    scheduler: Any,
    vae: Any,
    sketch: Image.Image,
    sketch_embeddings: torch.Tensor,
    strength: float,
    mask: torch.Tensor,
    mask_embeddings: torch.Tensor,
    noise: torch.Tensor,
    num_inference_steps: int,
    guidance_scale: float,
) -> Image.Image:
    """Return the picture that a sketch becomes in two stages."""
    everything = torch.ones_like(mask)
    run = (unet, scheduler, noise, num_inference_steps, guidance_scale)
    whole = painted(*run, encode(vae, sketch), everything, strength, sketch_embeddings)
    return decode(vae, painted(*run, whole, mask, 1.0, mask_embeddings))


def encode(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the scaled latents of a picture."""
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor


def decode(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture of scaled latents."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


def painted(
    unet: Any,
    scheduler: Any,
    noise: torch.Tensor,
    num_inference_steps: int,
    guidance_scale: float,
    z_0: torch.Tensor,
    mask: torch.Tensor,
    strength: float,
    text_embeddings: torch.Tensor,
) -> torch.Tensor:
    """Return the latents of z_0, painted anew where the mask is 1; with a mask of ones this is img2img."""
    scheduler.set_timesteps(num_inference_steps)
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    latents = scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        latents = mask * latents + (1 - mask) * original
    return latents
