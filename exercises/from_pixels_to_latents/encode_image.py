"""From a picture to the latents that the U-Net works on."""

from typing import Any

import torch
from PIL import Image


def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the scaled latents of a picture, z_0.

        rgb    = image.convert("RGB")
        pixels = [1, 3, H, W], float32, from 0..255 to [-1, 1]: 0 becomes -1, 255 becomes 1
        z_0    = vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor

    What you get:

        vae    an AutoencoderKL. Each of its latent places stands for a square of pixels, f by f (f is 8 for Stable
               Diffusion). Its scaling factor is in its config: do not write a number into your code
        image  a PIL image of mode RGB, RGBA, L (greys) or LA, W wide and H high. Both are multiples of f, and they
               need not be equal. Do not resize or crop it

    What you return: a float32 tensor [1, 4, H / f, W / f]: height before width, channels in the order R, G, B when
    they went in.

    convert("RGB") copies a grey into all three channels. Of a picture with transparency it takes the colours as they
    are stored and drops the alpha channel: nothing is painted on white or black.

    The encoder answers with a distribution, a mean and a spread for every number of the latents. mode() is its middle
    and always the same; sample() draws from it and gives other latents every time. Here the same picture must always
    give the same latents.

    The numbers that the autoencoder makes have a spread of their own. The scaling factor brings them to the spread that
    the U-Net was trained on, near that of the noise they will be mixed with. Multiply when encoding, divide when
    decoding.

    Do not change the image. No graph is needed: torch.no_grad() saves memory.

    A worked example of the pixels: the levels 0, 51, 204 and 255 become -1.0, -0.6, 0.6 and 1.0. For Stable Diffusion,
    whose f is 8, a picture 512 wide and 768 high gives latents [1, 4, 96, 64].

    Write it yourself: importing diffusers.image_processor or diffusers.pipelines is not allowed here.
    """
    raise NotImplementedError
