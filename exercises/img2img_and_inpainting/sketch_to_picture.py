"""From a rough sketch to a picture: img2img for the whole, then inpainting for one part of it."""

from typing import Any

import torch
from PIL import Image


def sketch_to_picture(
    unet: Any,
    scheduler: Any,
    vae: Any,
    sketch: Image.Image,
    sketch_embeddings: torch.Tensor,
    strength: float,
    mask: torch.Tensor,
    mask_embeddings: torch.Tensor,
    noise: torch.Tensor,
    num_inference_steps: int,
    guidance_scale: float,
) -> Image.Image:
    """Return the picture that a sketch becomes in two stages.

        z_0    = encode(sketch)
        whole  = img2img of z_0        at `strength`, with sketch_embeddings
        result = inpaint of whole      at strength 1, inside mask, with mask_embeddings and the same noise
        return decode(result)

    The second stage takes the latents of the first as they are: no decoding and encoding in between, which would
    cost sharpness. Where the mask is 0, the result's latents are those of `whole`.

    What you get:

        unet, scheduler      as in img2img and inpaint; the scheduler comes fresh and serves both stages: set its
                             timesteps again before the second
        vae                  an AutoencoderKL
        sketch               a PIL image of mode RGB; its sides are divisible by the autoencoder's factor
        sketch_embeddings    [2, L, D], the empty prompt first: what the whole picture shows
        strength             of the first stage, a float above 0 and below 1; num_inference_steps * strength is never
                             within rounding of a whole number, and at least 1
        mask                 [1, 1, h, w], float32, at latent size: 1 = paint anew in the second stage, 0 = keep
        mask_embeddings      [2, L, D], the empty prompt first: what the picture shows inside the mask
        noise                [1, 4, h, w], standard normal noise, for both stages
        num_inference_steps  an int, 1 or more, for both stages
        guidance_scale       a float above 1, for both stages

    Encoding: pixels as float32 in [-1, 1] (0 becomes -1, 255 becomes 1), [1, 3, H, W], through
    vae.encode(pixels).latent_dist.mode(), times vae.config.scaling_factor. Decoding: latents divided by it through
    vae.decode(latents).sample, from [-1, 1] back to 0 to 255, cut off outside that range, and rounded (or the decimals
    cut off): a PIL image of mode RGB of the sketch's size.

    img2img and inpaint are as in the exercises of those names. Put what you need of your solutions into this file:
    it is graded by itself. Draw no random numbers, and do not change the inputs.

    Write it yourself: importing diffusers.pipelines is not allowed here.

    The idea is marked by a person: a sketch and two prompts of your own, the picture that came out, and why you chose
    this strength and this mask. Write it in Markdown: in a file sketch_to_picture.md beside this one, in a text cell of
    your notebook under the heading "sketch_to_picture", or in the docstring at the top of this file. Hand in the two
    pictures with it, and name their files. `grade sketch_to_picture` says what it found.
    """
    raise NotImplementedError
