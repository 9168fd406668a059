"""The widths come from the configuration, one transformer layer a block.

The configuration says how wide the text is and how wide the blocks are, but not every U-Net has one transformer layer
in every attention, a middle block, or one width of the text. The modules know their own sizes.
"""

from typing import Any

CAUGHT_BY = "test_equals_what_peft_reports"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Count attentions, and take widths from the configuration."""
    total = 0
    blocks = [*unet.down_blocks, unet.mid_block, *unet.up_blocks]
    for block in blocks:
        for attention in getattr(block, "attentions", None) or []:
            if hasattr(attention, "transformer_blocks"):
                width, text = attention.transformer_blocks[0].attn2.to_q.in_features, unet.config.cross_attention_dim
                text = text if isinstance(text, int) else text[0]
                total += rank * (2 * (text + width) + 4 * width)
    return total
