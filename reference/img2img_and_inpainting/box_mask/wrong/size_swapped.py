"""Height and width are swapped in the size of the mask.

PIL gives a size as (width, height), a tensor's shape has the height first: [1, 1, height, width]. For square pictures
both are the same, so this mistake is easy to miss.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a mask of the turned picture."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.zeros(1, 1, width, height)
    mask[:, :, rows, columns] = 1.0
    return mask
