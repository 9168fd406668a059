"""Latents to look at: every channel stretched to the range that a picture needs."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return one heat map for each channel, with the channel's smallest number at 0 and its largest at 1.

    For each channel by itself, over all of its places:

        result = (channel - smallest) / (largest - smallest)

    A channel whose numbers are all the same has nothing to show: its heat map is all zeros.

    What you get:

        latents  [1, C, h, w], one latent with its batch axis; C, h and w are each 1 or more; float32 or float64

    What you return: a tensor [C, h, w], without the batch axis, of the dtype of latents, with numbers from 0 to 1.
    C may be 1, and then the result is [1, h, w]. Do not change latents.

    The smallest number of a channel that is not constant becomes 0 and the largest becomes 1, also where they are
    only 0.1 apart. In every channel they are 0.1 or more apart, or equal. So a very small number in the denominator
    does no harm, and 0.001 would.

    A worked example, with C = 3, h = 1 and w = 3:

        latents  [[[[1.0, 2.0, 5.0]], [[-4.0, 4.0, 0.0]], [[7.0, 7.0, 7.0]]]]
        result   [[[0.0, 0.25, 1.0]], [[0.0, 1.0, 0.5]], [[0.0, 0.0, 0.0]]]
    """
    raise NotImplementedError
