"""Sends the pictures through one by one, and measures in double precision with arrays."""

import numpy as np
import torch


def reconstruction_error(vae, image):
    """Return what was collected picture by picture."""
    factor = vae.config.scaling_factor
    found = {
        "latents": [],
        "decoded": [],
        "absolute_errors": [],
        "squared_errors": [],
        "psnr": [],
        "latent_errors": [],
    }
    for picture in image:
        with torch.no_grad():
            latents = vae.encode(picture[None]).latent_dist.mode() * factor
            decoded = vae.decode(latents / factor, return_dict=False)[0].clip(-1, 1)
            again = vae.encode(decoded).latent_dist.mode() * factor
        before, after = ((each.numpy().astype(np.float64) + 1) / 2 for each in (picture[None], decoded))
        found["latents"].append(latents)
        found["decoded"].append(decoded)
        found["absolute_errors"].append(np.abs(after - before).mean())
        found["squared_errors"].append(np.square(after - before).mean())
        found["psnr"].append(-10 * np.log10(found["squared_errors"][-1]))
        found["latent_errors"].append(np.abs((again - latents).numpy()).mean())
    return {**found, "latents": torch.cat(found["latents"]), "decoded": torch.cat(found["decoded"])}
