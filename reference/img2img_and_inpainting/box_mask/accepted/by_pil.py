"""Draws a filled rectangle, whose ends PIL includes."""

import numpy as np
import torch
from PIL import Image, ImageDraw


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return the mask of a drawing."""
    left, top, right, bottom = box
    picture = Image.new("L", (width, height), 0)
    corners = (left - padding, top - padding, right + padding - 1, bottom + padding - 1)
    ImageDraw.Draw(picture).rectangle(corners, fill=1)
    return torch.from_numpy(np.array(picture)).float().unsqueeze(0).unsqueeze(0)
