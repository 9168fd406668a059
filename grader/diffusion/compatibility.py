"""Refuses models that the course's statements are not true of, by their configuration files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.diffusion.choice import SEEDED, TINY_SD, WEIGHTS
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LATENT_CHANNELS = 4


def configuration(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, an empty one for anything else; raise `UsageError` if it is not JSON."""
    try:
        with reading(path, "copy the model again."):
            found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path} cannot be read as JSON: copy the model again.") from error
    return found if isinstance(found, dict) else {}


def is_seeded(folder: Path) -> bool:
    """Tell whether a model's weights were drawn from a seed and never learned, by what its index says."""
    index = folder / "model_index.json"
    return index.is_file() and configuration(index).get(WEIGHTS) == SEEDED


def shipped_rows_hold(folder: Path) -> bool:
    """Tell whether tolerances of seeded weights and of the tiny model hold for a model: only for such a model."""
    return is_seeded(folder) or folder == TINY_SD


def kind_of(index: Mapping[str, Any]) -> str:
    """Return what other kind of model an index describes, "" for a Stable Diffusion."""
    made_by = str(index.get("_class_name", ""))
    if "XL" in made_by or "text_encoder_2" in index:
        return "Stable Diffusion XL, whose U-Net wants a second text encoder and the picture's size"
    if not made_by.startswith(("StableDiffusionPipeline", "StableDiffusionInpaint", "StableDiffusionImg2Img")):
        return f"a {made_by or 'pipeline without a name'}"
    return ""


def refuse_other_kinds(folder: Path, name: str) -> None:
    """Raise `UsageError` unless a folder holds a Stable Diffusion that the course's statements are true of."""
    remedy = "give a Stable Diffusion 1.x, or a 2.x that predicts noise (`stable-diffusion-2-base`)."
    if kind := kind_of(configuration(folder / "model_index.json")):
        raise UsageError(f"{name} is {kind}: {remedy}")
    scheduler = configuration(folder / "scheduler" / "scheduler_config.json")
    predicts = scheduler.get("prediction_type", "epsilon")
    if predicts != "epsilon":
        raise UsageError(f"{name} predicts {predicts}, where the exercises' U-Net predicts the noise: {remedy}")
    unet, vae = configuration(folder / "unet" / "config.json"), configuration(folder / "vae" / "config.json")
    channels = unet.get("in_channels", LATENT_CHANNELS)
    if channels != LATENT_CHANNELS:
        why = " (an inpainting model: latents, mask and masked picture)" if channels == 2 * LATENT_CHANNELS + 1 else ""
        raise UsageError(f"The U-Net of {name} has {channels} input channels{why}, where 4 are needed: {remedy}")
    for key in ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type"):
        if unet.get(key):
            raise UsageError(f"The U-Net of {name} wants more than text (its {key} is {unet[key]}): {remedy}")
    text = configuration(folder / "text_encoder" / "config.json")
    text = text.get("text_config", text)
    if text.get("model_type", "clip_text_model") != "clip_text_model":
        raise UsageError(f"The text encoder of {name} is a {text['model_type']}, where CLIP's is needed: {remedy}")
    width, due = text.get("hidden_size"), unet.get("cross_attention_dim")
    if None not in (width, due) and width != due:
        raise UsageError(
            f"The text encoder of {name} gives states of width {width}, and its U-Net takes {due}: "
            "copy the model again."
        )
    if vae.get("latent_channels", LATENT_CHANNELS) != LATENT_CHANNELS:
        raise UsageError(f"The latents of {name} have {vae['latent_channels']} channels, where 4 are needed: {remedy}")
