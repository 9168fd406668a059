"""x_t is changed in place.

Operations that end in an underscore, and `-=`, write into the tensor they are called on, and here that is the
caller's x_t. The returned numbers are right, but a sampler still needs x_t for its own step. Use the operations
that return a new tensor.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate, computed inside x_t."""
    alpha_bar = alphas_cumprod[timestep]
    x_t -= torch.sqrt(1 - alpha_bar) * noise_pred
    x_t /= torch.sqrt(alpha_bar)
    return x_t
