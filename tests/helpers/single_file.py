"""Writes a model in diffusers' layout as a single file in the layout that Stable Diffusion 1.x was published in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from safetensors.torch import load_file, save_file

if TYPE_CHECKING:
    from pathlib import Path

    import torch

_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection",
}  # fmt: skip
_VAE = {
    "conv_shortcut": "nin_shortcut", "conv_norm_out": "norm_out", "mid_block.attentions.0.": "mid.attn_1.",
    "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out",
    "mid_block.resnets.0.": "mid.block_1.", "mid_block.resnets.1.": "mid.block_2.",
}  # fmt: skip


def write(folder: Path, file: Path, **changes: torch.Tensor) -> None:
    """Write the weights of a folder into a file, with some tensors of that file changed or added."""
    weights = {}
    for name, value in _weights(folder, "unet").items():
        weights[f"model.diffusion_model.{_of_unet(name, _config(folder, 'unet'))}"] = value
    for name, value in _weights(folder, "vae").items():
        attention = ".attentions." in name and value.ndim == 2
        weights[f"first_stage_model.{_of_vae(name, _config(folder, 'vae'))}"] = (
            value[:, :, None, None] if attention else value
        )
    for name, value in _weights(folder, "text_encoder").items():
        weights[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = value
    save_file({name: value.contiguous() for name, value in {**weights, **changes}.items()}, file)


def _weights(folder: Path, network: str) -> dict[str, torch.Tensor]:
    (file,) = (folder / network).glob("*.safetensors")
    return load_file(file)


def _config(folder: Path, network: str) -> tuple[int, int]:
    """Return how many blocks a network has, and how many layers each."""
    config = json.loads((folder / network / "config.json").read_text(encoding="utf-8"))
    return len(config["block_out_channels"]), config["layers_per_block"]


def _of_unet(name: str, config: tuple[int, int]) -> str:
    blocks, layers = config
    prefixes = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2"}
    prefixes |= {"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
    prefixes |= {f"mid_block.resnets.{j}": f"middle_block.{2 * j}" for j in range(2)}
    prefixes["mid_block.attentions.0"] = "middle_block.1"
    for i in range(blocks):
        first = (layers + 1) * i
        for j in range(layers + 1):
            prefixes[f"down_blocks.{i}.resnets.{j}"] = f"input_blocks.{first + j + 1}.0"
            prefixes[f"down_blocks.{i}.attentions.{j}"] = f"input_blocks.{first + j + 1}.1"
            prefixes[f"up_blocks.{i}.resnets.{j}"] = f"output_blocks.{first + j}.0"
            prefixes[f"up_blocks.{i}.attentions.{j}"] = f"output_blocks.{first + j}.1"
        prefixes[f"down_blocks.{i}.downsamplers.0.conv"] = f"input_blocks.{first + layers + 1}.0.op"
        prefixes[f"up_blocks.{i}.upsamplers.0"] = f"output_blocks.{first + layers}.{1 if i == 0 else 2}"
    found = next(prefix for prefix in prefixes if name.startswith(prefix + "."))
    rest = name.removeprefix(found)
    if ".resnets." in name:
        part = rest.split(".")[1]
        rest = rest.replace(part, _RESNET[part])
    return prefixes[found] + rest


def _of_vae(name: str, config: tuple[int, int]) -> str:
    blocks, layers = config
    for i in range(blocks):
        for j in range(layers + 1):
            name = name.replace(f"encoder.down_blocks.{i}.resnets.{j}.", f"encoder.down.{i}.block.{j}.")
            name = name.replace(f"decoder.up_blocks.{i}.resnets.{j}.", f"decoder.up.{blocks - 1 - i}.block.{j}.")
        name = name.replace(f"down_blocks.{i}.downsamplers.0.", f"down.{i}.downsample.")
        name = name.replace(f"up_blocks.{i}.upsamplers.0.", f"up.{blocks - 1 - i}.upsample.")
    for ours, theirs in _VAE.items():
        name = name.replace(ours, theirs)
    return name
