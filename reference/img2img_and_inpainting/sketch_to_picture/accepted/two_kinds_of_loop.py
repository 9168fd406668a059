"""One loop with an optional mask, two passes a step, arrays for pixels."""

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
    """Return the picture after both stages."""
    batch = {"unet": unet, "scheduler": scheduler, "noise": noise, "n": num_inference_steps, "scale": guidance_scale}
    pixels = to_pixels(sketch)
    z_0 = vae.encode(pixels).latent_dist.mode().mul(vae.config.scaling_factor)
    z_1 = loop(
        z_0=z_0,
        mask=None,
        skip=num_inference_steps - int(num_inference_steps * strength),
        text=sketch_embeddings,
        **batch,
    )
    z_2 = loop(z_0=z_1, mask=mask, skip=0, text=mask_embeddings, **batch)
    decoded = vae.decode(z_2 / vae.config.scaling_factor, return_dict=False)[0]
    array = ((decoded[0].permute(1, 2, 0).numpy() + 1) * 127.5).clip(0, 255)
    return Image.fromarray((array + 0.5).astype(np.uint8))


def to_pixels(image):
    """Return the pixels in [-1, 1]."""
    return 2 * (torch.tensor(np.asarray(image), dtype=torch.float32) / 255).movedim(-1, 0).unsqueeze(0) - 1


def loop(unet, scheduler, z_0, mask, noise, skip, n, text, scale):
    """Return img2img's latents, or inpainting's if there is a mask."""
    scheduler.set_timesteps(n)
    steps = scheduler.timesteps[skip:]
    z = scheduler.add_noise(z_0, noise, steps[:1]) if skip else noise * scheduler.init_noise_sigma
    for i, t in enumerate(steps):
        scaled = scheduler.scale_model_input(z, t)
        uncond = unet(scaled, t, encoder_hidden_states=text[:1]).sample
        cond = unet(scaled, t, encoder_hidden_states=text[1:]).sample
        z = scheduler.step(uncond + scale * (cond - uncond), t, z).prev_sample
        if mask is not None:
            kept = z_0 if i == len(steps) - 1 else scheduler.add_noise(z_0, noise, steps[i + 1].view(1))
            z = torch.where(mask > 0, z, kept)
    return z
