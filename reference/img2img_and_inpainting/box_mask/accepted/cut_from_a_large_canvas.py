"""Draws on a canvas with room around it and cuts the picture out."""

import torch


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return the middle of a canvas where no index is negative."""
    left, top, right, bottom = box
    room = max(0, -left, -top, right, bottom) + padding
    canvas = torch.zeros(1, 1, height + 2 * room, width + 2 * room)
    canvas[..., room + top - padding : room + bottom + padding, room + left - padding : room + right + padding] = 1.0
    return canvas[..., room : room + height, room : room + width]
