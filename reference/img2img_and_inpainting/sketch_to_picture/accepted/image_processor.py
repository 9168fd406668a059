"""Lets diffusers' image processor convert the pictures, and truncates like it."""

from typing import Any

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
    """Return the picture after both stages."""
    from diffusers.image_processor import VaeImageProcessor

    processor = VaeImageProcessor(vae_scale_factor=sketch.width // mask.shape[-1])
    z_0 = vae.encode(processor.preprocess(sketch)).latent_dist.mode() * vae.config.scaling_factor
    run = (unet, scheduler, noise, num_inference_steps, guidance_scale)
    whole = painted(*run, z_0, torch.ones_like(mask), strength, sketch_embeddings)
    result = painted(*run, whole, mask, 1.0, mask_embeddings)
    decoded = vae.decode(result / vae.config.scaling_factor).sample
    return processor.postprocess(decoded, output_type="pil")[0]


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
    pure = noise * scheduler.init_noise_sigma
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    for i, t in enumerate(timesteps):
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        latents = mask * latents + (1 - mask) * original
    return latents
