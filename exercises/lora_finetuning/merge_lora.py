"""A trained bypass becomes part of the weight, and then costs nothing."""

import torch


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return the merged weight W + (alpha / r) B A.

    What you get:

        weight  W, [out, in]
        A, B    [r, in] and [out, r]; r is read from them, and may be any
        alpha   a float, positive or negative

    All three tensors have the same dtype, float32 or float64. The result is a new tensor of the shape and dtype of
    weight. Do not change the inputs: they are needed to take the bypass out again.

    A layer with the merged weight gives what the layer with the bypass beside it gives, for any x:

        x merged^T = x W^T + (alpha / r) x A^T B^T

    And merging once more with -alpha takes the bypass out again: W comes back, up to rounding.

    A worked example, with r = 2 and alpha = 6, so that B A counts 3 times:

        W = [[1, 2],    A = [[1, 0],    B = [[1, 2],    B A = [[1, 2],    merged = [[4, 8],
             [3, 4]]         [0, 1]]         [0, 1]]           [0, 1]]              [3, 7]]
    """
    raise NotImplementedError
