"""U-Nets of many kinds as handles, and the judge's own twins of them."""

from __future__ import annotations

from typing import Any

from grader.sandbox.wire.handles import Handle
from grader.workbench import recipes

TARGETS = ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]

_SMALL: dict[str, Any] = {
    "sample_size": 16,
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "cross_attention_dim": 64,
    "norm_num_groups": 4,
    "attention_head_dim": 4,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
CONFIGS: dict[str, dict[str, Any]] = {
    "small": _SMALL,
    "with blocks of self-attention alone": {
        **_SMALL,
        "down_block_types": ("CrossAttnDownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "CrossAttnUpBlock2D"),
    },
    "with two transformer layers a block": {
        **_SMALL,
        "block_out_channels": (12, 8),
        "transformer_layers_per_block": 2,
        "use_linear_projection": True,
    },
    "without a middle block": {**_SMALL, "mid_block_type": None, "layers_per_block": 2},
    "with a text width for each block": {
        **_SMALL,
        "block_out_channels": (8, 16, 24),
        "cross_attention_dim": (16, 24, 32),
        "down_block_types": ("CrossAttnDownBlock2D",) * 3,
        "up_block_types": ("CrossAttnUpBlock2D",) * 3,
    },
    "whose attn1 sees the text too": {**_SMALL, "only_cross_attention": True, "cross_attention_dim": 8},
    "with norms in its cross-attention": {**_SMALL, "cross_attention_norm": "layer_norm"},
}


def untrained_unet(name: str = "small", seed: int = 0) -> Handle:
    """Return the handle of a U-Net of one of the `CONFIGS`, with random weights."""
    return Handle("untrained_unet", {"seed": seed, **CONFIGS[name]})


_own: dict[str, Any] = {}


def own(handle: Handle) -> Any:
    """Return the judge's own object of a handle, the same for all checks: it must not be changed (see `Twins`)."""
    key = repr(handle)
    if key not in _own:
        _own[key] = Twins()[handle]
    return _own[key]


class Twins:
    """The judge's own objects beside those of a worker: built by the same recipes from the same data.

    `twins[handle]` is one object for equal handles, as it is in an example of a check.
    """

    def __init__(self) -> None:
        self._built: list[tuple[Handle, Any]] = []

    def __getitem__(self, handle: Handle) -> Any:
        for known, built in self._built:
            if known == handle:
                return built
        arguments = {name: self[a] if isinstance(a, Handle) else a for name, a in handle.arguments.items()}
        built = getattr(recipes, handle.recipe)(**arguments)
        self._built.append((handle, built))
        return built
