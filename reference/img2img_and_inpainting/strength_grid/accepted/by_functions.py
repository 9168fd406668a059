"""Has a function for one run, which asks the U-Net for each half by itself, and measures with arrays."""

import numpy as np
import torch


def run(unet, scheduler, z_0, noise, strength, n, text_embeddings, guidance_scale):
    """Return the number of steps, the first timestep or None, and the result."""
    scheduler.set_timesteps(n)
    first = max(n - int(n * strength), 0)
    remaining = list(scheduler.timesteps)[first:]
    if not remaining:
        return 0, None, z_0.clone()
    if strength == 1.0:
        latents = noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(z_0, noise, scheduler.timesteps[first : first + 1])
    empty, told = text_embeddings[:1], text_embeddings[1:]
    for t in remaining:
        sample = scheduler.scale_model_input(latents, t)
        without = unet(sample, t, encoder_hidden_states=empty, return_dict=False)[0]
        with_prompt = unet(sample, t, encoder_hidden_states=told, return_dict=False)[0]
        prediction = without * (1 - guidance_scale) + with_prompt * guidance_scale
        latents = scheduler.step(prediction, t, latents, return_dict=False)[0]
    return len(remaining), remaining[0], latents


def strength_grid(unet, scheduler, z_0, noise, strengths, num_inference_steps, text_embeddings, guidance_scale):
    """Return what the runs return, side by side."""
    with torch.no_grad():
        runs = [
            run(unet, scheduler, z_0, noise, strength, num_inference_steps, text_embeddings, guidance_scale)
            for strength in strengths
        ]
    steps, starts, results = zip(*runs, strict=True)
    return {
        "steps": steps,
        "start_timesteps": starts,
        "latents": torch.stack([result[0] for result in results]),
        "distances": [np.abs((result - z_0).double().numpy()).mean() for result in results],
    }
