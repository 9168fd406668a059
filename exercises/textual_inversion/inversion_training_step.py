"""One step of textual inversion: the loss of a batch, a step of the optimizer, and the rows put back."""

from typing import Any

import torch


def inversion_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: Any,
    batch: dict[str, torch.Tensor],
    token_ids: list[int],
    original: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> float:
    """Do one step of training on a batch, and return its loss before the step as a float.

    The loss is the one of every diffusion model, the mean squared error of the predicted noise:

        z_0   = vae.encode(pixel_values).latent_dist.mode() * vae.config.scaling_factor
        z_t   = sqrt(abar_t) * z_0 + sqrt(1 - abar_t) * noise           abar_t = alphas_cumprod[timesteps]
        told  = text_encoder(input_ids).last_hidden_state
        loss  = mean over all numbers of (unet(z_t, timesteps, encoder_hidden_states=told).sample - noise)^2

    Then one step of the optimizer along the gradient of this batch alone, and every row of the table but those in
    token_ids goes back to the original. Take the gradient as it is: do not clip it.

    What you get:

        unet, vae       frozen
        text_encoder    frozen but for its table, text_encoder.get_input_embeddings().weight [V, D]
        optimizer       an optimizer that holds the table: AdamW with momentum and weight decay
        batch           a dict of tensors:
            pixel_values  [B, 3, H, W], from -1 to 1
            input_ids     [B, L], the captions' ids, padded
            noise         [B, 4, h, w], standard normal, already drawn for you. B may differ from call to call
            timesteps     [B], int64: one timestep for each picture
        token_ids       a list of one or more ids: the rows that learn, in any order and anywhere in the table. They
                        need not be neighbours: with 3 and 5, row 4 goes back
        original        [V, D], the table before training
        alphas_cumprod  [1000]

    What must hold afterwards:

        the rows in token_ids have moved, and every other row equals original to the bit
        no other weight of the three models has changed, to the bit; U-Net and autoencoder are frozen as before
        the gradient of this step does not reach into the next one: clear it before or after. At the first call there
        is none
        batch, token_ids, original and alphas_cumprod are as they were

    Draw no random numbers: all randomness is in the batch. Every word of the captions gets a gradient, and that is
    fine. Zeroing the gradients of the other rows is not enough to keep them: momentum and weight decay move them all
    the same. Put them back, as in restore_rows; write it anew here, or import it from a file of yours beside this one.

    Numbers: for a picture in Stable Diffusion the loss is around 0.1. It varies from batch to batch, because a noise
    that is easy to see (a large timestep) gives a small loss and one that is hard to see gives a large one.
    """
    raise NotImplementedError
