"""Split into helpers of its own, with a graph that nobody needs."""

from typing import Any

import numpy as np
import torch
from PIL import Image


def embedded(tokenizer, text_encoder, text):
    """Return the text's embedding, padded by hand with the tokenizer's own padding token."""
    length = tokenizer.model_max_length
    ids = tokenizer(text, truncation=True, max_length=length).input_ids
    ids += [tokenizer.pad_token_id] * (length - len(ids))
    return text_encoder(input_ids=torch.tensor([ids])).last_hidden_state


def guided(unet, sample, t, halves, guidance_scale):
    """Return the guided prediction."""
    uncond, text = unet(sample.repeat(2, 1, 1, 1), t, torch.cat(halves)).sample
    return ((1 - guidance_scale) * uncond + guidance_scale * text)[None]


def finished(vae, latents):
    """Return the picture of scaled latents."""
    decoded = vae.decode(latents.detach() / vae.config.scaling_factor).sample.detach()
    array = decoded[0].numpy().transpose(1, 2, 0)
    return Image.fromarray(np.uint8(np.clip(np.rint((array + 1) * 127.5), 0, 255)))


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
    """Return the picture, by way of helpers."""
    halves = [embedded(tokenizer, text_encoder, text) for text in ("", prompt)]

    scheduler.set_timesteps(num_inference_steps)
    latents = latents.clone() * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        noise_pred = guided(unet, scheduler.scale_model_input(latents, t), t, halves, guidance_scale)
        latents = scheduler.step(noise_pred, t, latents)["prev_sample"].detach()

    return finished(vae, latents)
