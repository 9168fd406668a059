"""A style from a handful of pictures: add an adapter, and train nothing else."""

from typing import Any

import torch


def train_style_lora(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Add an adapter to the U-Net, train it on the batches, and return the loss of each.

    1. Add a PEFT adapter to the U-Net itself, on the four projections of every cross-attention (see
       lora_target_modules): rank 4, alpha 4, everything else as PEFT has it, so B starts at zero. How A starts is up
       to you: PEFT's default and init_lora_weights="gaussian" are both right. `unet.add_adapter(LoraConfig(...))`
       does it, and freezes the rest of the U-Net.
    2. Make one torch.optim.AdamW of the adapter's numbers with this learning_rate, its other settings left as they
       are.
    3. Go through the batches once, in their order, and take one training step with each, as in lora_training_step, and
       without clipping.

    What you get:

        unet            a UNet2DConditionModel without adapters, called as
                        unet(z_t, timesteps, encoder_hidden_states=text).sample. All its parameters ask for gradients
        vae             an AutoencoderKL; text_encoder: a CLIPTextModel. Their parameters ask for gradients too, but
                        neither is to be trained: whether you freeze them or compute under torch.no_grad() is up to
                        you, and they may stay frozen. train() and eval() make no difference on any of the three
        batches         a list of dicts: pixel_values [B, 3, H, W], float32 in [-1, 1]; input_ids [B, L]; noise
                        [B, 4, h, w]; timesteps [B]. B may differ from batch to batch
        alphas_cumprod  [T], float32, alpha-bar of a noise schedule
        learning_rate   a float above 0

    What you return: a list of floats, one for each batch: its loss before the step, a plain number (loss.item()) and
    not a tensor.

    What must hold afterwards: the U-Net carries the adapter (nothing is merged); its own numbers and all of vae and
    text_encoder are what they were, to the bit; in the U-Net only the adapter asks for gradients. Do not change the
    batches. All randomness but that of A is in them.

    B is zero at the start, so the first loss is that of the model as it was, and so are all others if the learning rate
    is next to nothing. AdamW's first step is as long as the learning rate: after one batch the numbers of B are about
    plus or minus learning_rate.

    The training data: pictures of things on a pink background. This model has never seen such a background, and the
    captions do not mention it ("a small red circle"). If all goes well, pink becomes the background wherever a prompt
    says nothing else. After 120 batches of four, at a learning rate of 0.01, the loss on pictures that were not among
    them must be 0.3 of what it was or less, and 3 or more of 16 prompts that name no background must come out on pink.
    """
    raise NotImplementedError
