"""An experiment: two adapters on one prompt, and how much of what they do together is more than the sum of both."""

from typing import Any

import torch


def lora_interference(
    unet: Any,
    first: dict[str, tuple[torch.Tensor, torch.Tensor, float]],
    second: dict[str, tuple[torch.Tensor, torch.Tensor, float]],
    latents: torch.Tensor,
    timestep: int,
    text_embeddings: torch.Tensor,
) -> dict[str, Any]:
    """Ask one U-Net four times: without an adapter, with each of two alone, and with both. Measure how they interfere.

    In the weights, adapters are added: W + alpha_1 / r_1 B_1 A_1 + alpha_2 / r_2 B_2 A_2, as in compose_loras. What
    the U-Net predicts is not: there are a softmax and other curves between two layers, so one adapter changes what the
    other one gets to see. By how much?

    What you return: a dict with these five keys.

        "neither"       [B, C, h, w]: the noise that unet predicts as you get it
        "first"         [B, C, h, w]: the same with the adapter first in its weights
        "second"        [B, C, h, w]: with the adapter second, and no trace of the first
        "both"          [B, C, h, w]: with both
        "interference"  a list of B floats, one for each picture. If nothing but sums were at work, both would be
                        first + second - neither. So take the mean of |both - first - second + neither| over all
                        numbers of the picture, and divide it by the mean of |both - neither|, which is all that the
                        adapters do. It is 0 where they leave each other alone, and 1 or more where what comes out
                        has little to do with the sum

    What you get:

        unet             diffusers' U-Net without an adapter. Use it as unet(latents, timestep,
                         encoder_hidden_states=text_embeddings).sample
        first, second    a dict each: from the name of a linear layer of unet (what unet.get_submodule(name) takes, such
                         as "mid_block.attentions.0.transformer_blocks.0.attn2.to_q") to a tuple (A, B, alpha). A is
                         [r, in], B is [out, r], alpha a float. Every layer has a rank and an alpha of its own, and the
                         two adapters need not be for the same layers. One of the two may be empty: it changes nothing
        latents          [B, C, h, w], float32
        timestep         an int
        text_embeddings  [B, L, D]

    After the call, every weight of unet must be what it was before, to the bit, under its old name. (a + b) - b is not
    a for every float, so taking out what you have added is not enough. Do not change the other inputs. The predictions
    may carry a graph of gradients or not.

    If the adapters do nothing at all together (both equals neither everywhere), the interference is 0.0.
    """
    raise NotImplementedError
