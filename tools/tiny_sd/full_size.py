"""Stable Diffusion 1.5 in its full size with seeded weights: every layer as published, nothing learned.

It costs what the real one costs and computes the same graph, so that what can be proven without learned weights can be
proven on it: loading, sharing, memory, time, and that solutions equal diffusers' pipelines. It draws nothing.

    python -m tools.tiny_sd.full_size FOLDER

writes a folder that `grade --tier gpu --model FOLDER` takes (4.3 GB). The numbers are those of the configuration files
that are published with the model, which lie in `grader/diffusion/sd1`. The tokenizer is the tiny model's, at the full
length of 77 and with as many pieces as the published one has, 49,408: the published words cannot be derived from a
configuration, so those that the tiny one lacks are names that no text contains. The folder's index says that the
weights are seeded, because tolerances that are measured on them do not hold for learned ones.
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

from grader.diffusion.choice import SD1, SEEDED, TINY_SD, WEIGHTS
from grader.diffusion.compatibility import configuration

UNET, VAE, TEXT_ENCODER = (configuration(SD1 / name / "config.json") for name in ("unet", "vae", "text_encoder"))
TEXT_GAIN = (
    8.0  # untrained cross-attention hardly hears the text; this makes it matter about as much as in a trained one
)


def write(folder: Path, seed: int = 0, dtype: torch.dtype = torch.float32) -> None:
    """Write the model with the weights of a seed into a folder in diffusers' layout."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_config(UNET)
    with torch.no_grad():
        for name, weights in unet.named_parameters():
            if ".attn2.to_out." in name and name.endswith("weight"):
                weights.mul_(TEXT_GAIN)
    unet.to(dtype).save_pretrained(folder / "unet", max_shard_size="10GB")
    del unet
    AutoencoderKL.from_config(VAE).to(dtype).save_pretrained(folder / "vae")
    CLIPTextModel(CLIPTextConfig.from_dict(TEXT_ENCODER)).to(dtype).save_pretrained(folder / "text_encoder")
    shutil.copytree(SD1 / "scheduler", folder / "scheduler", dirs_exist_ok=True)
    _write_tokenizer(folder / "tokenizer")
    index = _changed(TINY_SD / "model_index.json", **{WEIGHTS: SEEDED})
    (folder / "model_index.json").write_text(index, encoding="utf-8")


def _write_tokenizer(folder: Path) -> None:
    shutil.copytree(TINY_SD / "tokenizer", folder, dirs_exist_ok=True)
    settings = folder / "tokenizer_config.json"
    settings.write_text(_changed(settings, model_max_length=TEXT_ENCODER["max_position_embeddings"]), encoding="utf-8")
    words = folder / "tokenizer.json"
    model = json.loads(words.read_text(encoding="utf-8"))["model"]
    known = len(model["vocab"])
    model["vocab"] |= {f"piece {number}": number for number in range(known, TEXT_ENCODER["vocab_size"])}
    words.write_text(_changed(words, model=model), encoding="utf-8")


def _changed(path: Path, **changes: Any) -> str:
    """Return the JSON of a file with keys of it changed."""
    return json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes, indent=2)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
