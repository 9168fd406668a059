"""What a latent diffusion model is trained on: the noise it should see in noised latents."""

from typing import Any

import torch


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the loss of one training step, ready for loss.backward().

        z_0  = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor      no gradients into the vae
        z_t  = sqrt(alphas_cumprod[t]) * z_0 + sqrt(1 - alphas_cumprod[t]) * noise   t: each picture's own timestep
        loss = mean of (what unet predicts for z_t, timesteps and text_embeddings - noise)^2

    It is the loss of diffusion on pixels, with latents in the place of pixels: the noise is added to the latents, and
    the U-Net is to find that noise.

    What you get:

        unet             a UNet2DConditionModel, called as
                         unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
        vae              an AutoencoderKL; its scaling factor is in its config
        image            [B, 3, H, W], float32, pixels in [-1, 1]
        noise            [B, 4, h, w], standard normal noise of the latents' shape, already drawn for you
        timesteps        [B], int64, indices into alphas_cumprod, one for each picture
        text_embeddings  [B, L, D], one for each picture; there is no unconditional half in training
        alphas_cumprod   [T], float32, alpha-bar of a noise schedule

    What you return: a tensor without dimensions, shape [], with its graph. The mean is over everything: pictures,
    channels and places. One call of the U-Net for the batch or one for each picture are both right. Do not call
    backward() yourself.

    After loss.backward() the U-Net's parameters have gradients and the autoencoder's have none: only the U-Net is
    trained. All parameters ask for gradients when you get them. Whether you encode under torch.no_grad(), detach the
    latents or switch the vae's gradients off is up to you.

    Do not change the tensors you get, and draw no random numbers. So use mode(), not sample().

    A worked example of one number: with alpha-bar 0.64 a latent of 2.0 and a noise of -1.0 become
    0.8 * 2.0 + 0.6 * (-1.0) = 1.0. If the U-Net predicts -0.7 for it, this number adds (-0.7 - (-1.0))^2 = 0.09 to the
    mean.
    """
    raise NotImplementedError
