"""A long prompt is cut by hand, and its end token with it.

The tokenizer's truncation keeps the end token as the last of the text. A slice of the ids drops it, and the text
encoder meets a text without an end.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_long_prompt_is_truncated"


@torch.no_grad()
def text_to_image(
    tokenizer: Any,
    text_encoder: Any,
    unet: Any,
    scheduler: Any,
    vae: Any,
    prompt: str,
    latents: torch.Tensor,
    num_inference_steps: int,
    guidance_scale: float,
) -> Image.Image:
    """Return the picture of a text without an end."""
    length = tokenizer.model_max_length
    padded = tokenizer(["", prompt], padding="max_length", max_length=length)
    input_ids = torch.tensor([ids[:length] for ids in padded.input_ids])
    text_embeddings = text_encoder(input_ids).last_hidden_state

    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample

    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
