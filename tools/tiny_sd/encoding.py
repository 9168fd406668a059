"""From drawn scenes to pixels, and to the latents of an autoencoder."""

import numpy as np
import torch
from torch import Tensor

from grader.diffusion.protocols import Autoencoder
from grader.tinyworld import drawing


def to_tensor(scenes: list[drawing.Scene]) -> Tensor:
    """Return the drawn scenes as bytes, `[N, 3, 64, 64]`."""
    pictures = np.stack([np.asarray(drawing.draw(scene)) for scene in scenes])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()


def to_pixels(pictures: Tensor) -> Tensor:
    """Return bytes as pixels in [-1, 1]."""
    return pictures.float() / 127.5 - 1


@torch.no_grad()
def encode_all(autoencoder: Autoencoder, pictures: Tensor) -> Tensor:
    """Return the unscaled latents of pictures given as bytes."""
    return torch.cat([autoencoder.encode(to_pixels(part)).latent_dist.mode() for part in torch.split(pictures, 64)])
