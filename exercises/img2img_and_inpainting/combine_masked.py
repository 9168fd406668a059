"""Repainting inside a mask: new latents where the mask is 1, the original where it is 0."""

import torch


def combine_masked(mask: torch.Tensor, denoised: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """Return the blend of new and original latents that the mask asks for.

        result = mask * denoised + (1 - mask) * original       in every place

    What you get:

        mask      [1, 1, h, w], numbers from 0 to 1: 1 = repaint, 0 = keep
        denoised  [B, C, h, w], what the sampler has just painted
        original  [B, C, h, w], what was there before

    B, C, h and w are each 1 or more; a picture may be a single column or a single place. The one mask holds
    for every picture of the batch and for every channel. It may be soft: where it is 0.25
    the result is a quarter of denoised and three quarters of original. Ones everywhere give denoised, zeros
    everywhere give original (up to rounding).

    All three tensors have the same dtype, float32 or float64. The result has the shape of denoised and the
    same dtype. Do not change the inputs.

    A worked example, with B = C = h = 1 and w = 3:

        mask      [[[[0.0, 0.25, 1.0]]]]
        denoised  [[[[8.0,  8.0, 8.0]]]]
        original  [[[[4.0,  4.0, 4.0]]]]
        result    [[[[4.0,  5.0, 8.0]]]]       because 0.25 * 8 + 0.75 * 4 = 5
    """
    raise NotImplementedError
