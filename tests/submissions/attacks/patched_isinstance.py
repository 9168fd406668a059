"""Makes `isinstance` and `len` lie, in the hope that the judge asks them."""

import builtins

import torch

EXERCISE = "combine_masked"
SAYS = "`combine_masked` "


def combine_masked(mask, denoised, original):
    wrong = torch.full_like(denoised, 7.0 + denoised.numel())
    builtins.isinstance = builtins.issubclass = builtins.hasattr = lambda *_: True
    builtins.len = lambda _: 0
    return wrong
