"""How many numbers an adapter trains."""

from typing import Any


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Return how many trainable numbers a LoRA adapter of that rank has on a U-Net's cross-attention.

    The adapter sits on the four linear layers of every `attn2`, as in lora_target_modules: `to_q`, `to_k`, `to_v`
    and `to_out.0`. Beside a layer with `in` inputs and `out` outputs, its own weight [out, in] and perhaps a bias
    frozen, it trains

        A [rank, in]  and  B [out, rank]     and nothing else

    What you get:

        unet  a UNet2DConditionModel of any configuration, with one `attn2` or more
        rank  an int, 1 or more; it may be larger than a layer

    What you return: an int, the number of numbers in all A and B together. Do not change the U-Net.

    Note that a layer need not be square: to_k and to_v read the text, and its width differs from the picture's.

    A worked example: a layer with 64 inputs and 48 outputs trains 4 * 64 + 48 * 4 = 448 numbers at rank 4, beside the
    3,072 of its weight. For the U-Net that this course is graded on, rank 4 makes 13,952 numbers in all, beside
    2,502,276 frozen ones, and rank 8 makes twice as many.

    Count yourself: importing peft is not allowed here, and neither is `unet.add_adapter`, because it imports peft.
    """
    raise NotImplementedError
