"""Runs the two stages with one loop: img2img is inpainting under a mask of ones."""

from typing import Any

import numpy as np
import torch
from PIL import Image


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
    # step: Encode the sketch, and run img2img: that is inpainting with a mask that is 1 everywhere.
    # blank: everything = ____
    everything = torch.ones_like(mask)
    run = (unet, scheduler, noise, num_inference_steps, guidance_scale)
    # blank: whole = _painted(*run, ____, everything, strength, sketch_embeddings)
    whole = _painted(*run, _encode(vae, sketch), everything, strength, sketch_embeddings)
    # step: Paint the masked part of the result anew from noise alone, and decode.
    # blank: return _decode(vae, _painted(*run, ____, mask, ____, mask_embeddings))
    return _decode(vae, _painted(*run, whole, mask, 1.0, mask_embeddings))


def _encode(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the scaled latents of a picture."""
    # step: As in your encode_image.
    # blank: pixels = ____
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
    # blank: return ____
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor


def _decode(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture of scaled latents."""
    # step: As in your decode_latents.
    # blank: pixels = vae.decode(____).sample[0]
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    # blank: levels = ____.round().byte()
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())


def _painted(
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
    # step: As in your inpaint.
    scheduler.set_timesteps(num_inference_steps)
    # blank: running = ____
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    pure = noise * scheduler.init_noise_sigma
    # blank: latents = pure if strength == 1 else ____
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        # blank: original = ____ if ____ else z_0
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        # blank: latents = ____
        latents = mask * latents + (1 - mask) * original
    return latents
