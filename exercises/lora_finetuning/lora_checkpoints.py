"""An experiment: an adapter that was trained for too long, and which of its checkpoints is worth keeping."""

from typing import Any

import torch


def lora_checkpoints(
    unet: Any,
    checkpoints: list[dict[str, tuple[torch.Tensor, torch.Tensor, float]]],
    trained_on: list[dict[str, torch.Tensor]],
    held_out: list[dict[str, torch.Tensor]],
    others: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Measure every checkpoint of an adapter on three kinds of pictures, and say which checkpoint to keep.

    An adapter was trained on a few pictures of one thing, and saved from time to time. On the pictures that it was
    trained on, the loss falls and falls. What you want is something else: that it draws this thing where it has not
    seen it, and that everything else is drawn as before. So measure all three.

    What you return: a dict with these four keys, for K checkpoints, everything in the order of checkpoints.

        "trained_on"  a list of K floats: the loss on the pictures of trained_on, with this checkpoint in the weights
        "held_out"    a list of K floats: the loss on the pictures of held_out, with this checkpoint in the weights
        "drift"       a list of K floats: how far it changes what unet predicts for the pictures of others. This is the
                      mean of (noise_pred with this checkpoint - noise_pred without any)^2
        "keep"        an int from 0 to K - 1: where "held_out" is lowest. If several are equally low, the first of them

    The three lists of pictures come in batches, and each picture has a timestep t of its own. For all three, the U-Net
    is asked about

        latents_t  = sqrt(alphas_cumprod[t]) * latents + sqrt(1 - alphas_cumprod[t]) * noise
        noise_pred = unet(latents_t, timesteps, encoder_hidden_states=text_embeddings).sample

    and the loss is the mean of (noise_pred - noise)^2. Every mean is taken over all numbers of all pictures of the
    list, and each picture counts as much as any other, however large its batch is. Three pictures in one batch with
    losses of 0.1, 0.2 and 0.3, and one in another with 0.6, have the loss (0.1 + 0.2 + 0.3 + 0.6) / 4 = 0.3, and not
    the mean of 0.2 and 0.6.

    What you get:

        unet                          diffusers' U-Net without an adapter
        checkpoints                   a list of K >= 1 adapters: each is a dict from the name of a linear layer of unet
                                      (what unet.get_submodule(name) takes) to a tuple (A, B, alpha). A is [r, in], B is
                                      [out, r], alpha a float. The layer's weight becomes W + alpha / r B A, as in
                                      merge_lora. Every layer of every checkpoint has a rank and an alpha of its own,
                                      and not all need be for the same layers. An empty dict changes nothing
        trained_on, held_out, others  a list of one or more batches each. A batch is a dict with "latents" and "noise"
                                      [B, C, h, w], "timesteps" [B], int64, and "text_embeddings" [B, L, D]. Pictures
                                      and captions are encoded already. B differs from batch to batch
        alphas_cumprod                [T]

    Each checkpoint stands for itself: it is measured on unet as you get it, without a trace of the others. They need
    not be in the order of training. After the call, every weight of unet must be what it was before, to the bit, under
    its old name: taking out what you have added is not enough. Do not change the other inputs, and draw no random
    numbers.

    Numbers: if "held_out" is [0.08, 0.05, 0.06, 0.05], then "keep" is 1.
    """
    raise NotImplementedError
