"""A low-rank bypass beside a frozen weight: how it starts, and what a layer computes with it."""

import torch


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight: A random, B zero.

    What you get:

        weight     [out, in], float32 or float64: the frozen weight of a linear layer, as torch.nn.Linear holds it
        rank       r, an int, 1 or more
        generator  a torch.Generator: draw A with it as it is, without seeding it again

    What you return: a tuple of two tensors of the dtype of weight.

        A  [rank, in]   drawn from a normal distribution with mean 0 and standard deviation 1 / rank
        B  [out, rank]  zeros

    With B = 0 the bypass adds nothing at the start, whatever A is: training begins at the model as it was. If A were
    zero too, no gradient would ever reach either of them. Do not change weight; its numbers are not needed.

    For a weight of 320 rows and 768 columns and rank 4, A is [4, 768], B is [320, 4], and the numbers of A have a
    spread of 0.25.
    """
    raise NotImplementedError


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return what the layer gives with the bypass beside it: x W^T + (alpha / r) x A^T B^T.

    What you get:

        x       [..., in]: one input, or a batch of them in any number of dimensions
        weight  W, [out, in]
        A, B    [r, in] and [out, r], any numbers; r is read from them, and may be any
        alpha   a float: the bypass counts alpha / r times

    All four tensors have the same dtype, float32 or float64. The result is [..., out] and has that dtype. Do not
    change the inputs: W is frozen.

    A worked example, with r = 1 and alpha = 2:

        x = [1, 3]    W = [[1, 2],     A = [[1, -1]]    B = [[2],
                           [3, 4]]                           [0.5]]

        x W^T = [7, 15]     x A^T = [-2]     x A^T B^T = [-4, -1]     result: [7, 15] + 2 / 1 * [-4, -1] = [-1, 13]
    """
    raise NotImplementedError
