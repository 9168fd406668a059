"""Runs the strengths from the weakest to the strongest, with a copy of the scheduler for each, and fills in tensors."""

import copy

import torch
import torch.nn.functional as F  # noqa: N812


@torch.inference_mode()
def strength_grid(unet, scheduler, z_0, noise, strengths, num_inference_steps, text_embeddings, guidance_scale):
    """Return results in the order of the list, however they were run."""
    n, k = num_inference_steps, len(strengths)
    steps, starts, distances = [0] * k, [None] * k, [0.0] * k
    latents = z_0.repeat(k, 1, 1, 1)
    for place in sorted(range(k), key=lambda i: strengths[i]):
        fresh = copy.deepcopy(scheduler)
        fresh.set_timesteps(n)
        steps[place] = int(n * strengths[place])
        if steps[place] == 0:
            continue
        timesteps = fresh.timesteps[-steps[place] :]
        starts[place] = float(timesteps[0])
        x = fresh.init_noise_sigma * noise
        if steps[place] < n:
            x = fresh.add_noise(z_0, noise, timesteps[0].reshape(1))
        for t in timesteps:
            both = fresh.scale_model_input(x.repeat(2, 1, 1, 1), t)
            predicted = unet(both, t, text_embeddings).sample
            guided = torch.lerp(predicted[:1], predicted[1:], guidance_scale)
            x = fresh.step(guided, t, x).prev_sample
        latents[place] = x[0]
        distances[place] = F.l1_loss(x, z_0).item()
    return {"steps": steps, "start_timesteps": starts, "latents": latents.clone(), "distances": distances}
