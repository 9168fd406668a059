"""Follows the pipeline's own lines."""

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
    """Return the picture as the pipeline does."""
    length = tokenizer.model_max_length

    def embed(text: str) -> torch.Tensor:
        """Return the last hidden state of one text."""
        inputs = tokenizer(text, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
        return text_encoder(inputs.input_ids.to(text_encoder.device), attention_mask=None)[0]

    prompt_embeds = torch.cat([embed(""), embed(prompt)])

    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        model_input = scheduler.scale_model_input(torch.cat([latents] * 2), t)
        output = unet(model_input, t, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
        noise_uncond, noise_text = output.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents, return_dict=False)[0]

    decoded = vae.decode(latents / vae.config.scaling_factor, return_dict=False)[0]
    array = (decoded / 2 + 0.5).clamp(0, 1).cpu().permute(0, 2, 3, 1).float().numpy()[0]
    return Image.fromarray((array * 255).round().astype("uint8"))
