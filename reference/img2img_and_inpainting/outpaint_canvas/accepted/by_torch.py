"""Pads tensors and multiplies what is kept along rows and columns."""

import torch
from PIL import Image
from torch.nn.functional import pad


def outpaint_canvas(
    image: Image.Image, left: int, top: int, right: int, bottom: int, overlap: int
) -> tuple[Image.Image, torch.Tensor]:
    """Return canvas and mask by way of tensors."""
    values = torch.tensor(list(image.tobytes()), dtype=torch.uint8).view(image.height, image.width, 3)
    canvas = pad(values.permute(2, 0, 1), (left, right, top, bottom), value=128).permute(1, 2, 0)
    kept = []
    for before, size, after in ((top, image.height, bottom), (left, image.width, right)):
        place = torch.arange(size)
        line = (place >= overlap * (before > 0)) & (place < size - overlap * (after > 0))
        kept.append(pad(line.float(), (before, after)))
    mask = 1 - kept[0][:, None] * kept[1][None, :]
    return Image.fromarray(canvas.contiguous().numpy(), "RGB"), mask.reshape(1, 1, *mask.shape)
