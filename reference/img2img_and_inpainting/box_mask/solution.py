"""A mask from a box, filled as a slice that is kept inside the picture."""

import torch


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return ones in the grown box, zeros elsewhere."""
    left, top, right, bottom = box
    # step: Grow the box by the padding, and keep its beginning inside the picture.
    # blank: rows = slice(____, ____)
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    # blank: columns = slice(____, ____)
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    # step: Begin with zeros, and put ones into the box.
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
