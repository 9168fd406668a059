"""One training step of an adapter: the loss of a batch, its gradients, one move of the optimizer."""

from typing import Any

import torch


def lora_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    alphas_cumprod: torch.Tensor,
) -> float:
    """Train the adapter on one batch, for one step, and return the loss.

        z_0  = vae.encode(pixel_values).latent_dist.mode() * vae.config.scaling_factor
        z_t  = sqrt(alphas_cumprod[t]) * z_0 + sqrt(1 - alphas_cumprod[t]) * noise   t: each picture's own timestep
        text = text_encoder(input_ids).last_hidden_state
        loss = mean of (what unet predicts for z_t, timesteps and text - noise)^2

    Then the gradients of this loss, and of no other, move the adapter: optimizer.step(), once. Gradients of an earlier
    step must not be left in them: clear them before or after. At the first call there are none. Do not clip them.

    What you get:

        unet            a UNet2DConditionModel that carries a PEFT adapter on its cross-attention, called as
                        unet(z_t, timesteps, encoder_hidden_states=text).sample. All but the adapter is frozen
        vae             an AutoencoderKL, frozen; its scaling factor is in its config
        text_encoder    a CLIPTextModel, frozen
        optimizer       an AdamW of the adapter's numbers, ready-made. It remembers its steps: use this one
        batch           a dict: pixel_values [B, 3, H, W], float32 in [-1, 1]; input_ids [B, L], the captions, padded;
                        noise [B, 4, h, w], already drawn; timesteps [B], indices into alphas_cumprod, one a picture
        alphas_cumprod  [T], float32, alpha-bar of a noise schedule

    What you return: the loss of the batch before the step, a float. The mean is over everything: pictures, channels
    and places.

    What must hold afterwards: the adapter has moved as the optimizer moves it; every other number of the U-Net, and
    all of vae and text_encoder, are what they were, to the bit. Add no adapter, freeze and unfreeze nothing, and
    change nothing in the batch. All randomness is in it: draw no random numbers, and use mode(), not sample().

    Latents and text need no gradients (torch.no_grad() is good for them); the pass through the U-Net does, although
    nearly all of it is frozen: the way to the adapter leads through it.

    A worked example of one number: with alpha-bar 0.64 a latent of 2.0 and a noise of -1.0 become
    0.8 * 2.0 + 0.6 * (-1.0) = 1.0. If the U-Net predicts -0.7 for it, this number adds (-0.7 - (-1.0))^2 = 0.09 to the
    mean.
    """
    raise NotImplementedError
