"""An experiment: one picture and one noise at several strengths, and how far each of them leads away."""

from typing import Any

import torch


def strength_grid(
    unet: Any,
    scheduler: Any,
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strengths: list[float],
    num_inference_steps: int,
    text_embeddings: torch.Tensor,
    guidance_scale: float,
) -> dict[str, Any]:
    """Run img2img once for every strength, and return what came out and how far it is from the picture.

    Each run is that of img2img, from the same z_0 and with the same noise. Only the strength differs: so whatever
    differs in the results is due to it. For every strength, set the scheduler to num_inference_steps anew. Of its n
    timesteps the last min(int(n * strength), n) run, and the run starts from

        scheduler.add_noise(z_0, noise, first timestep that runs)     if some run, but strength < 1
        noise * scheduler.init_noise_sigma                            if strength = 1
        z_0, which is then the result, to the bit                     if none run

    Every timestep t that runs does this to the latents:

        noise_uncond, noise_text = what unet predicts for scheduler.scale_model_input(latents, t)
        noise_pred = noise_uncond + guidance_scale * (noise_text - noise_uncond)
        latents    = scheduler.step(noise_pred, t, latents).prev_sample

    What you return: a dict with these four keys, for k strengths, everything in the order of strengths.

        "steps"            a list of k ints: how many timesteps ran
        "start_timesteps"  a list of k: the first timestep that ran, a number as it stands in scheduler.timesteps, and
                           None where none ran
        "latents"          [k, 4, h, w]: the results
        "distances"        a list of k floats: the mean of |latents[i] - z_0| over all numbers of the i-th result

    What you get:

        unet                 a UNet2DConditionModel, called as
                             unet(sample, t, encoder_hidden_states=text_embeddings).sample
        scheduler            a DDIMScheduler, DPMSolverMultistepScheduler or EulerDiscreteScheduler. Do what works for
                             all three; do not check which it is
        z_0                  [1, 4, h, w], float32, the latents of one picture
        noise                standard normal noise, same shape, already drawn for you
        strengths            a list of k >= 1 different floats from 0.0 to 1.0, in any order; n * strength is never
                             within rounding of a whole number, other than at strength 0 and 1
        num_inference_steps  n, an int, 1 or more
        text_embeddings      [2, L, D]: the empty prompt, then the prompt
        guidance_scale       a float above 1

    The latents have the dtype of z_0. Do not change the inputs (the scheduler is yours to set), and draw no random
    numbers.

    Why the timesteps are set anew: a scheduler remembers how many steps it has done, and some remember their last
    predictions too. set_timesteps makes it forget them. Without it the second run begins where the first one ended.

    Something to see in the results: strengths are stairs. Two strengths with the same number of steps start at the same
    timestep, from the same picture with the same noise, and have the same result.

    Numbers: n = 10 and scheduler.timesteps 901, 801, ..., 1. For the strengths [0.65, 0.0, 1.0, 0.68], the steps are
    [6, 0, 10, 6] and the start timesteps [501, None, 901, 501]. latents[3] is equal to latents[0], latents[1] to z_0,
    and distances[1] is 0.0.

    Write the loop yourself: importing diffusers.pipelines is not allowed here.
    """
    raise NotImplementedError
