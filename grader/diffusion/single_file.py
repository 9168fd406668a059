"""Turns a Stable Diffusion 1.x in a single safetensors file into a folder in diffusers' layout, once."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from grader.diffusion.choice import SD1
from grader.diffusion.resources import shapes_of
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOKENIZER = "openai/clip-vit-large-patch14"  # on the hub; Stable Diffusion 1.x has this one
_TOKENIZER_FILES = ("tokenizer*", "vocab.json", "merges.txt", "special_tokens_map.json")
_UNET, _CLIP = "model.diffusion_model", "cond_stage_model.transformer"
_INPUT, _TEXT = f"{_UNET}.input_blocks.0.0.weight", f"{_UNET}.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
_OTHER_TEXT_ENCODERS = {
    "conditioner.embedders.": "Stable Diffusion XL, which has two text encoders",
    "cond_stage_model.model.": "Stable Diffusion 2.x, whose text encoder is another one",
    "text_encoders.": "Stable Diffusion 3, which has three text encoders",
}
_FOLDERS_REMEDY = "give a Stable Diffusion 1.x, or a folder in diffusers' layout."


def unpacked(file: Path, config: Path = SD1) -> Path:
    """Return the folder that a single file is converted to, in the hub's folder on this machine.

    `config` is a folder with the configuration of its parts. Raises `UsageError` if it is not a Stable Diffusion 1.x
    that predicts noise from four channels, or if no tokenizer can be had.
    """
    from huggingface_hub import constants

    if file.suffix != ".safetensors":
        raise UsageError(
            f"{file} is not a .safetensors file, and files of other kinds can run programs when they are read: name "
            "one, or a folder in diffusers' layout."
        )
    shapes = shapes_of(file)
    _refuse_other_kinds(file, shapes, config)
    known = hashlib.sha256(f"{file.resolve()} {file.stat().st_mtime_ns} {len(shapes)}".encode()).hexdigest()[:12]
    folder = Path(constants.HF_HOME) / "diffusion-grader" / f"{file.stem}-{known}"
    if not folder.is_dir():
        tokenizer = _tokenizer_for(file)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            _convert(file, tokenizer, config, Path(place) / "model")
            (Path(place) / "model").rename(folder)
    return folder


def _refuse_other_kinds(file: Path, shapes: Mapping[str, Sequence[int]], config: Path) -> None:
    from grader.diffusion.compatibility import LATENT_CHANNELS, configuration

    for start, kind in _OTHER_TEXT_ENCODERS.items():
        if any(name.startswith(start) for name in shapes):
            raise UsageError(f"{file} is {kind}: {_FOLDERS_REMEDY}")
    if _INPUT not in shapes or not any(name.startswith(_CLIP) for name in shapes):
        missing = "U-Net" if _INPUT not in shapes else "text encoder"
        raise UsageError(f"{file} has no {missing} in the layout of Stable Diffusion 1.x: {_FOLDERS_REMEDY}")
    channels = shapes[_INPUT][1]
    if channels != LATENT_CHANNELS:
        raise UsageError(f"The U-Net in {file} has {channels} input channels, where 4 are needed: {_FOLDERS_REMEDY}")
    due, width = configuration(config / "unet" / "config.json")["cross_attention_dim"], shapes.get(_TEXT, (0, 0))[1]
    if width != due:
        raise UsageError(f"The U-Net in {file} takes text of width {width}, where {due} is needed: {_FOLDERS_REMEDY}")


def _tokenizer_for(file: Path) -> Path:
    """Return the folder of the tokenizer, which no such file holds: beside it, or from the hub or its local copy."""
    beside = file.parent / "tokenizer"
    if (beside / "tokenizer_config.json").is_file():
        return beside
    from huggingface_hub import errors, snapshot_download

    try:
        return Path(snapshot_download(TOKENIZER, allow_patterns=list(_TOKENIZER_FILES)))
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, OSError) as error:
        raise UsageError(
            f"{file} holds no tokenizer, and that of {TOKENIZER} cannot be had: go online, or put a folder `tokenizer` "
            "of a Stable Diffusion 1.x beside the file."
        ) from error


def _convert(file: Path, tokenizer: Path, config: Path, target: Path) -> None:
    from diffusers import StableDiffusionPipeline

    from grader.diffusion import loading  # noqa: F401 - it silences what the libraries say of what they load

    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        whole = Path(place) / "config"
        shutil.copytree(config, whole, ignore=shutil.ignore_patterns("*.safetensors", "tokenizer"))
        shutil.copytree(tokenizer, whole / "tokenizer")
        pipeline = StableDiffusionPipeline.from_single_file(
            str(file), config=str(whole), local_files_only=True, safety_checker=None, feature_extractor=None
        )
        pipeline.save_pretrained(target, safe_serialization=True, max_shard_size="10GB")
