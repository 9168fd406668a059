"""Several adapters on one weight: what each has learned is added up."""

import torch


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Return the weight with all adapters merged in: W plus the sum of (alpha_i / r_i) B_i A_i.

    What you get:

        weight    W, [out, in]
        adapters  a list of tuples (A, B, alpha), possibly empty. A is [r, in], B is [out, r], alpha a float. Every
                  adapter has a rank and an alpha of its own

    All tensors have the same dtype, float32 or float64. The result is [out, in] and has that dtype. Do not change
    the inputs, the list included.

    What each adapter adds was learned beside the *same* W and does not depend on the others. So their order does not
    matter, an empty list gives W, and a list of one gives what merge_lora gives.

    A worked example, with ranks 1 and 2:

        W = [[1, 1]]    first:   A = [[2, 0]]     B = [[1]]       alpha = 1     adds 1 / 1 * [[2, 0]] = [[2, 0]]
                        second:  A = [[0, 1],     B = [[1, 1]]    alpha = 4     adds 4 / 2 * [[0, 2]] = [[0, 4]]
                                      [0, 1]]

        result: [[1, 1]] + [[2, 0]] + [[0, 4]] = [[3, 5]]
    """
    raise NotImplementedError
