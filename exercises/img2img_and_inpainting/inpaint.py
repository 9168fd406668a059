"""Inpainting: img2img inside a mask, with the original put back around it after every step."""

from typing import Any

import torch


def inpaint(
    unet: Any,
    scheduler: Any,
    z_0: torch.Tensor,
    mask: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    num_inference_steps: int,
    text_embeddings: torch.Tensor,
    guidance_scale: float,
) -> torch.Tensor:
    """Return the latents of z_0, painted anew where the mask is 1.

    The run is that of img2img: the same timesteps, the same start, the same guidance, scale_model_input and step. One
    line is added. After every step, the part to keep becomes the original again, with the noise that the
    *next* step expects:

        original = scheduler.add_noise(z_0, noise, next timestep that runs)    after every step but the last
        original = z_0                                                         after the last step
        latents  = mask * latents + (1 - mask) * original

    At strength 1 the start is noise * scheduler.init_noise_sigma, everywhere. If no timestep runs, the result is z_0.

    What you get, beside the arguments of img2img:

        mask    [1, 1, h, w], float32, at latent size: 1 = repaint, 0 = keep, nothing in between. It holds for every
                picture and every channel

    unet, scheduler, z_0 [B, 4, h, w], noise, strength, num_inference_steps, text_embeddings [2B, L, D] (the empty
    prompts first) and guidance_scale are as in img2img. This U-Net has four input channels: it is told nothing about
    the mask, and sees the kept part only because it is in the latents at every step.

    The result has the shape and dtype of z_0. Where the mask is 0 it equals z_0. Do not change the inputs (the
    scheduler is yours to set), and draw no random numbers: `noise` is the noise of the start and of every original.

    Why the next timestep: after a step the painted part carries the noise of the next timestep, and the kept part
    beside it must carry as much. With too much or too little noise there, the U-Net takes the border for part of the
    picture.

    A warning about add_noise. Once set_begin_index has been called, as the pipelines do, add_noise of Euler and
    DPM-Solver++ ignores the timestep it is given and uses the step that comes next. DDIM's add_noise always uses the
    timestep it is given. With the right timestep, both give the same result. Pass it as a tensor with one entry:
    timesteps[i + 1 : i + 2].

    Numbers: of six timesteps at strength 0.65 the last three run. Of DDIM's 1000, 833, 667, 500, 333, 167 (each less
    one) these are 499, 332 and 166. The original is noised for 332, then for 166, then not at all.

    Write the loop yourself: importing diffusers.pipelines is not allowed here.
    """
    raise NotImplementedError
