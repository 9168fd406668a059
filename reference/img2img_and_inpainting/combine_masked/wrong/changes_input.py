"""denoised is changed in place.

Operations that end in an underscore, and `*=` or `+=`, write into the tensor they are called on, and here that is the
caller's denoised. The result is right, but later code that uses denoised, such as a sampler's next step, finds the
blend in its place. Use operations that return a new tensor.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend, computed inside denoised."""
    denoised *= mask
    denoised += (1 - mask) * original
    return denoised
