"""A mask of pixels brought to the size of the latents."""

import torch


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the mask at latent size: 1 or 0 for each cell, as its top-left pixel says.

    One place of the latents stands for a cell of scale_factor x scale_factor pixels. The cell in row i and column j
    of the latents starts at the pixel in row i * scale_factor and column j * scale_factor; this pixel alone decides:

        1 (repaint)   if its number is 0.5 or more
        0 (keep)      if it is less than 0.5

    All other pixels of the cell have no effect. (This is how the inpainting pipelines do it: cut at 0.5, then
    resize to the nearest.)

    What you get:

        mask          [1, 1, H, W], numbers from 0 to 1, soft or not
        scale_factor  an int, 1 or more, that divides H and W; 8 for Stable Diffusion

    What you return: a tensor [1, 1, H // scale_factor, W // scale_factor] of zeros and ones, with the dtype of mask,
    float32 or float64. Do not change the input.

    A worked example with scale_factor 2, on a mask of height 2 and width 8:

        mask    0.6 0.0 | 0.4 1.0 | 1.0 1.0 | 0.0 1.0
                0.0 1.0 | 1.0 0.0 | 0.9 1.0 | 1.0 1.0
        result     1         0         1         0

    In the second cell and the fourth there is more to repaint than to keep, but not at the pixel that decides.

    Write it yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
