"""From latents back to a picture that can be looked at."""

from typing import Any

import torch
from PIL import Image


def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture that scaled latents stand for.

        decoded = vae.decode(latents / vae.config.scaling_factor).sample     [1, 3, H, W], mostly in [-1, 1]
        levels  = from [-1, 1] to 0..255: -1 becomes 0, 1 becomes 255. What lies outside is cut off

    What you get:

        vae      an AutoencoderKL, whose latent places stand for f by f pixels each. Its scaling factor is in its
                 config: do not write a number into your code
        latents  [1, 4, h, w], float32, scaled as encode_image returns them; h and w need not be equal

    What you return: a PIL image of mode RGB, w * f wide and h * f high. Round to the nearest level, or cut the decimals
    off: the checks leave room for either.

    Nothing keeps a decoder inside [-1, 1]. A byte holds 0 to 255 and nothing else, and 256 becomes 0 in it: without
    cutting off, the brightest pixels of a picture turn black.

    Do not change latents. The decoder's weights ask for gradients, so what it returns carries a graph: use
    torch.no_grad(), or detach the result before it becomes an array.

    A worked example of the levels: the decoded numbers -1.3, -1.0, -0.6, 0.6, 1.0 and 1.1 become 0, 0, 51, 204, 255
    and 255. For Stable Diffusion, whose f is 8, latents [1, 4, 96, 64] give a picture 512 wide and 768 high.

    Write it yourself: importing diffusers.image_processor or diffusers.pipelines is not allowed here.
    """
    raise NotImplementedError
