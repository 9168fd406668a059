"""The mask goes through an 8-bit picture to be blurred.

PIL blurs pictures of whole numbers from 0 to 255, so that every mean is rounded to a 255th, once for the rows and once
for the columns. The blend under such a mask has steps. Average the tensor itself.
"""

import numpy as np
import torch
from PIL import Image, ImageFilter

CAUGHT_BY = "test_edge_is_a_ramp"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mask as PIL blurs it."""
    levels = (mask[0, 0] * 255).round().byte().numpy()
    blurred = Image.fromarray(levels).filter(ImageFilter.BoxBlur(radius))
    return (torch.from_numpy(np.array(blurred)).to(mask.dtype) / 255)[None, None]
