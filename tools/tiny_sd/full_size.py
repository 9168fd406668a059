"""Stable Diffusion 1.5 in its full size with seeded weights: every layer as published, nothing learned.

It costs what the real one costs and computes the same graph, so that what can be proven without learned weights can be
proven on it: loading, sharing, memory, time, and that solutions equal diffusers' pipelines. It draws nothing.

    python -m tools.tiny_sd.full_size FOLDER

writes a folder that `grade --tier gpu --model FOLDER` takes (4.3 GB). The numbers are those of the configuration files
that are published with the model (`unet/config.json` and so on). The tokenizer is the tiny model's, at the full length
of 77: the published one's words cannot be derived from a configuration.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from grader.diffusion.choice import TINY_SD

UNET: dict[str, Any] = {
    "act_fn": "silu", "attention_head_dim": 8, "block_out_channels": [320, 640, 1280, 1280],
    "center_input_sample": False, "cross_attention_dim": 768,
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "downsample_padding": 1, "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": 4, "layers_per_block": 2,
    "mid_block_scale_factor": 1, "norm_eps": 1e-05, "norm_num_groups": 32, "out_channels": 4, "sample_size": 64,
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
}  # fmt: skip
VAE: dict[str, Any] = {
    "act_fn": "silu", "block_out_channels": [128, 256, 512, 512], "down_block_types": ["DownEncoderBlock2D"] * 4,
    "in_channels": 3, "latent_channels": 4, "layers_per_block": 2, "norm_num_groups": 32, "out_channels": 3,
    "sample_size": 512, "up_block_types": ["UpDecoderBlock2D"] * 4, "scaling_factor": 0.18215,
}  # fmt: skip
TEXT_ENCODER: dict[str, Any] = {
    "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 2, "hidden_act": "quick_gelu", "hidden_size": 768,
    "initializer_factor": 1.0, "initializer_range": 0.02, "intermediate_size": 3072, "layer_norm_eps": 1e-05,
    "max_position_embeddings": 77, "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 1,
    "projection_dim": 768, "vocab_size": 49408,
}  # fmt: skip
SCHEDULER: dict[str, Any] = {
    "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "beta_start": 0.00085, "num_train_timesteps": 1000, "set_alpha_to_one": False, "skip_prk_steps": True,
    "steps_offset": 1, "trained_betas": None, "clip_sample": False,
}  # fmt: skip
TEXT_GAIN = (
    8.0  # untrained cross-attention hardly hears the text; this makes it matter about as much as in a trained one
)


def write(folder: Path, seed: int = 0, dtype: torch.dtype = torch.float32) -> None:
    """Write the model with the weights of a seed into a folder in diffusers' layout."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(**UNET)
    with torch.no_grad():
        for name, weights in unet.named_parameters():
            if ".attn2.to_out." in name and name.endswith("weight"):
                weights.mul_(TEXT_GAIN)
    unet.to(dtype).save_pretrained(folder / "unet", max_shard_size="10GB")
    del unet
    AutoencoderKL(**VAE).to(dtype).save_pretrained(folder / "vae")
    CLIPTextModel(CLIPTextConfig(**TEXT_ENCODER)).to(dtype).save_pretrained(folder / "text_encoder")
    (folder / "scheduler").mkdir(exist_ok=True)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2), encoding="utf-8")
    shutil.copytree(TINY_SD / "tokenizer", folder / "tokenizer", dirs_exist_ok=True)
    settings = folder / "tokenizer" / "tokenizer_config.json"
    config = json.loads(settings.read_text(encoding="utf-8")) | {"model_max_length": 77}
    settings.write_text(json.dumps(config, indent=2), encoding="utf-8")
    shutil.copyfile(TINY_SD / "model_index.json", folder / "model_index.json")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
