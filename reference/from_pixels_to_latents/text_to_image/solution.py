"""Text to embeddings, noise to latents, latents to pixels."""

from typing import Any

import torch
from PIL import Image


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
    """Return the picture that a prompt makes of noise."""
    # step: Turn two prompts into ids: the empty one first, then yours.
    length = tokenizer.model_max_length
    # blank: tokens = tokenizer(____, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    tokens = tokenizer(["", prompt], padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    # step: Let the text encoder turn the ids into embeddings.
    # blank: text_embeddings = ____
    text_embeddings = text_encoder(tokens.input_ids).last_hidden_state

    # step: Set the scheduler, and bring the noise to the spread that it starts with.
    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    # step: At each timestep, predict with both prompts at once, guide, and take a step.
    for t in scheduler.timesteps:
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample

    # step: Undo the scaling, and decode.
    # blank: pixels = vae.decode(____).sample[0]
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    # step: Bring [-1, 1] to 0..255, cut off what lies outside, and round.
    # blank: levels = ____.round().byte()
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
