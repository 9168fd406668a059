"""The whole img2img loop: start part-way, from a picture with noise, and denoise what is left."""

from typing import Any

import torch


def img2img(
    unet: Any,
    scheduler: Any,
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    num_inference_steps: int,
    text_embeddings: torch.Tensor,
    guidance_scale: float,
) -> torch.Tensor:
    """Return the latents that img2img makes of z_0.

    Set the scheduler to num_inference_steps. Of its n timesteps the last min(int(n * strength), n) run, as in
    strength_to_t_start. Start from

        scheduler.add_noise(z_0, noise, first timestep that runs)     if some run, but strength < 1
        noise * scheduler.init_noise_sigma                            if strength = 1: exactly text-to-image
        z_0, which is then the result                                 if none run

    and, for every timestep t that runs:

        noise_uncond, noise_text = what unet predicts for scheduler.scale_model_input(latents, t)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents    = scheduler.step(noise_pred, t, latents).prev_sample

    What you get:

        unet                 a UNet2DConditionModel, called as
                             unet(sample, t, encoder_hidden_states=text_embeddings).sample
        scheduler            a DDIMScheduler, DPMSolverMultistepScheduler or EulerDiscreteScheduler, fresh: no
                             timesteps are set yet. Do what works for all three; do not check which it is
        z_0                  [B, 4, h, w], float32, the latents of the picture
        noise                standard normal noise, same shape, already drawn for you
        strength             a float from 0.0 to 1.0; n * strength is never within rounding of a whole number,
                             other than at strength 0 and 1
        num_inference_steps  n, an int, 1 or more
        text_embeddings      [2B, L, D]: B times the empty prompt, then the prompts of the B pictures
        guidance_scale       a float above 1

    The result has the shape and dtype of z_0, and is not scaled back for decoding. Do not change the inputs (the
    scheduler is yours to set), and draw no random numbers.

    add_noise wants its timestep as a tensor with one entry: timesteps[i : i + 1], not timesteps[i].

    Some samplers want the sample scaled before the U-Net sees it (Euler divides it by sqrt(sigma^2 + 1)), some
    remember their last steps. Both work by themselves as long as every sample passes scale_model_input and
    set_timesteps is called once, before the loop. The U-Net need not record a graph: under torch.no_grad() nothing is
    kept for a backward pass, which otherwise takes more memory with every step.

    Why strength 1 is a case of its own: add_noise at the first timestep keeps sqrt(alpha-bar) of the picture.
    For Stable Diffusion's schedule alpha-bar ends at 0.0047, so 0.068 of z_0 would stay, and
    StableDiffusionImg2ImgPipeline does leave it there. Your function starts from pure noise instead.

    Numbers: n = 10 and strength 0.65 run int(6.5) = 6 timesteps, the last six of scheduler.timesteps.

    Write the loop yourself: importing diffusers.pipelines is not allowed here.
    """
    raise NotImplementedError
