"""Returns 32 MiB from every call, which the judge could keep for hundreds of calls."""

import torch

EXERCISE = "combine_masked"
SAYS = "The result has shape [8388608]"
LARGE = torch.zeros(2**23)


def combine_masked(mask, denoised, original):
    return LARGE
