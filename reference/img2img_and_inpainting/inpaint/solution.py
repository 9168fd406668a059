"""Runs img2img and puts the original back around the mask after every step."""

from typing import Any

import torch


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
    """Return the latents of z_0, painted anew where the mask is 1."""
    # step: Find out how many steps run at this strength, and keep the last ones.
    scheduler.set_timesteps(num_inference_steps)
    # blank: running = ____
    running = min(int(num_inference_steps * strength), num_inference_steps)
    timesteps = scheduler.timesteps[num_inference_steps - running :]
    # step: If none run, the latents stay as they are.
    if running == 0:
        return z_0
    # step: Begin with noise alone at strength 1, else with z_0 noised to the first timestep that runs.
    pure = noise * scheduler.init_noise_sigma
    # blank: latents = pure if strength == 1 else ____
    latents = pure if strength == 1 else scheduler.add_noise(z_0, noise, timesteps[:1])
    # step: At each timestep:
    for i, t in enumerate(timesteps):
        # step: Predict with both prompts at once, guide, and take a step, as in img2img.
        sample = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        noise_uncond, noise_text = unet(sample, t, encoder_hidden_states=text_embeddings).sample.chunk(2)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents = scheduler.step(noise_pred, t, latents).prev_sample
        # step: Noise the original to the level that the latents have now. After the last step that is none.
        # blank: original = ____ if ____ else z_0
        original = scheduler.add_noise(z_0, noise, timesteps[i + 1 : i + 2]) if i + 1 < running else z_0
        # step: Keep the new latents inside the mask alone.
        # blank: latents = ____
        latents = mask * latents + (1 - mask) * original
    return latents
