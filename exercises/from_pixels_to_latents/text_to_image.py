"""All of Stable Diffusion by hand: from a prompt and noise to a picture."""

from typing import Any

import torch
from PIL import Image


def text_to_image(
    tokenizer: Any,
    text_encoder: Any,
    unet: Any,
    scheduler: Any,
    vae: Any,
    prompt: str,
    latents: torch.Tensor,
    num_inference_steps: int,
    guidance_scale: float,
) -> Image.Image:
    """Return the picture that a prompt makes of noise.

    1. Text. The empty prompt "" and the prompt, each as token ids [1, L] through the text encoder, and nothing else (no
       attention mask):

           text_embeddings = text_encoder(input_ids).last_hidden_state

       L is tokenizer.model_max_length for both. A shorter prompt is padded to it and a longer one truncated, both by
       the tokenizer: padding="max_length", max_length=tokenizer.model_max_length, truncation=True,
       return_tensors="pt".

    2. The loop. Set the scheduler to num_inference_steps, start from latents * scheduler.init_noise_sigma, and for
       every timestep t of scheduler.timesteps:

           sample       = scheduler.scale_model_input(latents, t)
           noise_uncond = unet(sample, t, encoder_hidden_states=embeddings of "").sample
           noise_text   = unet(sample, t, encoder_hidden_states=embeddings of the prompt).sample
           noise_pred   = noise_uncond + guidance_scale * (noise_text - noise_uncond)
           latents      = scheduler.step(noise_pred, t, latents).prev_sample

       One call of the U-Net with a batch of two does the same as two calls.

    3. The picture, as in decode_latents: latents / vae.config.scaling_factor through vae.decode(...).sample, from
       [-1, 1] to 0..255, cut off outside. Copy what you need into this file: it is graded by itself.

    What you get:

        tokenizer            a CLIPTokenizer
        text_encoder         a CLIPTextModel
        unet                 a UNet2DConditionModel
        scheduler            a DDIMScheduler, DPMSolverMultistepScheduler or EulerDiscreteScheduler, fresh: no
                             timesteps are set yet. Do what works for all three; do not check which it is
        vae                  an AutoencoderKL, whose latent places stand for f by f pixels each
        prompt               a string, perhaps empty
        latents              [1, 4, h, w], float32, standard normal noise, already drawn for you; h and w need not be
                             equal
        num_inference_steps  an int, 1 or more
        guidance_scale       a float above 1

    What you return: a PIL image of mode RGB, w * f wide and h * f high.

    Do not change latents, and draw no random numbers. No graph is needed: under torch.no_grad() nothing is kept for a
    backward pass, which otherwise takes more memory with every step.

    Write it yourself: importing diffusers.pipelines or diffusers.image_processor is not allowed here.
    """
    raise NotImplementedError
