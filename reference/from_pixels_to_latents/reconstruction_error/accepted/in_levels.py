"""Measures in levels, with torch's own losses and the peak 255, and detaches at the end."""

import torch
import torch.nn.functional as F  # noqa: N812


def reconstruction_error(vae, image):
    """Return errors in levels, brought back to parts of the range."""
    factor = vae.config.scaling_factor
    mean = vae.encode(image).latent_dist.mean
    decoded = torch.clamp(vae.decode(mean).sample, min=-1.0, max=1.0).detach()
    again = vae.encode(decoded).latent_dist.mean
    before, after = (image + 1) * 127.5, (decoded + 1) * 127.5
    absolute = F.l1_loss(after, before, reduction="none").mean(dim=(1, 2, 3))
    squared = F.mse_loss(after, before, reduction="none").mean(dim=(1, 2, 3))
    psnr = 20 * torch.log10(torch.tensor(255.0)) - 10 * torch.log10(squared)
    moved = F.l1_loss(again, mean, reduction="none").mean(dim=[1, 2, 3]) * factor
    return {
        "latents": (mean * factor).detach(),
        "decoded": decoded,
        "absolute_errors": [each.item() / 255 for each in absolute],
        "squared_errors": [each.item() / 255**2 for each in squared],
        "psnr": tuple(psnr),
        "latent_errors": moved.tolist(),
    }
