"""Returns a tensor that takes four bytes here and sixteen gigabytes on the wire."""

import torch

EXERCISE = "combine_masked"
SAYS = "`combine_masked` returned too much: more than"


def combine_masked(mask, denoised, original):
    return torch.zeros(1).expand(2**32)
