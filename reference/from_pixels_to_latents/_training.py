"""The loss of a training step on latents and its gradients, as the judge computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from grader.diffusion.loading import load
from reference._shared import _training

if TYPE_CHECKING:
    from collections.abc import Sequence


def training_loss(
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
    scaling_factor: float | None = None,
) -> torch.Tensor:
    """Return the loss of one training step, its graph in the judge's own U-Net."""
    batch = {"pixel_values": image, "noise": noise, "timesteps": timesteps}
    model = load()
    return _training.training_loss(model.unet, model.vae, text_embeddings, batch, alphas_cumprod, scaling_factor)


def unet_gradients(names: Sequence[str], **arguments: Any) -> dict[str, torch.Tensor]:
    """Return the gradients of `training_loss` in the U-Net's parameters of these names."""
    parameters = dict(load().unet.named_parameters())
    found = torch.autograd.grad(training_loss(**arguments), [parameters[name] for name in names])
    return dict(zip(names, found, strict=True))
