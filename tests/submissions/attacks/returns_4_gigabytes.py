"""Returns four gigabytes."""

import torch

EXERCISE = "combine_masked"
SAYS = "you tried to allocate 4294967296 bytes"


def combine_masked(mask, denoised, original):
    return torch.ones(2**30)
