"""A copy of the U-Net for every checkpoint; sums and counts in NumPy, with gradients left as they are."""

import copy

import numpy as np
import torch


def noisy(batch, alphas_cumprod):
    """Return the noisy latents of a batch."""
    a = alphas_cumprod.gather(0, batch["timesteps"]).reshape(-1, 1, 1, 1)
    return torch.sqrt(a) * batch["latents"] + torch.sqrt(1.0 - a) * batch["noise"]


def predicted(model, batch, alphas_cumprod):
    """Return what a model predicts for a batch."""
    text_embeddings = batch["text_embeddings"]
    found = model(noisy(batch, alphas_cumprod), batch["timesteps"], encoder_hidden_states=text_embeddings)
    return found.sample.detach().numpy()


def lora_checkpoints(unet, checkpoints, trained_on, held_out, others, alphas_cumprod):
    """Merge into copies; add up squares and count numbers."""
    trained, held, drift = [], [], []
    for checkpoint in checkpoints:
        model = copy.deepcopy(unet)
        modules = dict(model.named_modules())
        for name in checkpoint:
            a, b, alpha = checkpoint[name]
            modules[name].weight.data = modules[name].weight.data + torch.matmul(b, a) * (alpha / a.shape[0])
        for batches, found in ((trained_on, trained), (held_out, held), (others, drift)):
            total, count = 0.0, 0
            for batch in batches:
                due = predicted(unet, batch, alphas_cumprod) if batches is others else batch["noise"].numpy()
                squares = (predicted(model, batch, alphas_cumprod) - due) ** 2
                total, count = total + float(np.sum(squares, dtype=np.float64)), count + squares.size
            found.append(total / count)
    return {"trained_on": trained, "held_out": held, "drift": drift, "keep": np.argmin(held)}
