"""Guidance: away from the prediction without a prompt, towards and past the one with it."""

import torch


def classifier_free_guidance(
    noise_pred_uncond: torch.Tensor, noise_pred_text: torch.Tensor, guidance_scale: float
) -> torch.Tensor:
    """Return the guided noise prediction.

        noise_pred = noise_pred_uncond + guidance_scale * (noise_pred_text - noise_pred_uncond)

    What you get:

        noise_pred_uncond  the noise that the model sees without a prompt, of any shape: [n], [B, C, H, W], ...
        noise_pred_text    the noise that it sees with the prompt, same shape
        guidance_scale     a float, 0.0 or more

    The formula holds for every scale: 0.0 gives noise_pred_uncond, 1.0 gives noise_pred_text (up to rounding), 0.5
    lies halfway between them, and above 1.0 the result goes past noise_pred_text. (Papers also count the scale from
    the other end, so that their 0 means noise_pred_text. That is valid there, and not asked here.)

    Both tensors have the same dtype, float32 or float64. The result has their shape and dtype. Do not change the
    inputs.

    A worked example: noise_pred_uncond = [1.0, 2.0], noise_pred_text = [3.0, 1.0] and guidance_scale = 7.5 give
    [1 + 7.5 * 2, 2 + 7.5 * (-1)] = [16.0, -5.5].

    Write the formula yourself: importing diffusers is not allowed here.
    """
    raise NotImplementedError
