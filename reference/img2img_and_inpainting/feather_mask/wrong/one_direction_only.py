"""Only rows are averaged, not columns.

Averaging along one direction softens the edges that lie across it; the others stay hard. The window has as many rows
as columns. (Rows first and columns of the result afterwards is fine: it is the same mean.)
"""

import torch
from torch.nn.functional import avg_pool2d, pad

CAUGHT_BY = "test_worked_example"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean over places of the same row."""
    wider = pad(mask, (radius, radius, 0, 0), mode="replicate")
    return avg_pool2d(wider, kernel_size=(1, 2 * radius + 1), stride=1)
