"""A copy of the U-Net for every question; interference in NumPy, with gradients left as they are."""

import copy

import numpy as np
import torch


def lora_interference(unet, first, second, latents, timestep, text_embeddings):
    """Merge into copies."""
    results = {}
    for key, adapters in [("neither", []), ("first", [first]), ("second", [second]), ("both", [first, second])]:
        model = copy.deepcopy(unet)
        modules = dict(model.named_modules())
        for adapter in adapters:
            for name in adapter:
                a, b, alpha = adapter[name]
                r = a.shape[0]
                modules[name].weight.data = modules[name].weight.data + (alpha / r) * torch.matmul(b, a)
        results[key] = model(latents, timestep, encoder_hidden_states=text_embeddings).sample.detach()
    n, f, s, b = (results[key].numpy() for key in ("neither", "first", "second", "both"))
    axes = (1, 2, 3)
    top, bottom = np.mean(np.abs((b - n) - (f - n) - (s - n)), axis=axes), np.mean(np.abs(b - n), axis=axes)
    results["interference"] = [float(t / u) if u > 0 else 0.0 for t, u in zip(top, bottom, strict=True)]
    return results
