"""Where the adapters go: the projections of the cross-attention."""

from typing import Any


def lora_target_modules(unet: Any) -> list[str]:
    """Return the names of the linear layers in a U-Net's cross-attention.

    In each transformer block of a UNet2DConditionModel, `attn1` lets the places of the picture look at each other, and
    `attn2` lets them look at the text. An `attn2` has four linear layers:

        to_q      query, from the picture
        to_k      key, from the text
        to_v      value, from the text
        to_out.0  output; `to_out` itself is a list of this layer and a dropout

    What you get:

        unet  a UNet2DConditionModel of any configuration, with one `attn2` or more

    What you return: a list of strings for `LoraConfig(target_modules=...)` of PEFT. PEFT adapts every module whose
    name, as `unet.named_modules()` gives it, *is* one of the strings or *ends in a dot and one of them*. The modules
    that it finds in this way must be the four layers of every `attn2`, and no others: nothing of `attn1`, no
    feed-forward layer, no convolution. Full names and endings are both right, in any order. Each string must fit at
    least one module of the U-Net.

    Do not change the U-Net: no adapter is added here.

    The names of modules are not the names of parameters: it is "...attn2.to_q", without ".weight".

    Numbers: the U-Net that this course is graded on has 7 `attn2`, which makes 28 layers. The first of them is
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_q".
    """
    raise NotImplementedError
