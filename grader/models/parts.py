"""The parts of the tiny Stable Diffusion, loaded once a process: by the fork server, and by the judge's oracles."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers.utils.logging
import transformers.utils.logging
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTokenizer

# Remarks on torchvision and progress bars of a quarter of a second are nobody's business.
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

TINY_SD = Path(__file__).parent / "tiny_sd"
SCHEDULERS: dict[str, Any] = {
    "ddim": DDIMScheduler,
    "dpm++": DPMSolverMultistepScheduler,
    "euler": EulerDiscreteScheduler,
}


@dataclass(frozen=True)
class Parts:
    """The modules of one Stable Diffusion as `from_pretrained` gives them, and its scheduler's configuration."""

    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any


@functools.cache
def load(folder: Path = TINY_SD) -> Parts:
    """Load a folder that `StableDiffusionPipeline.from_pretrained` could load, in single precision."""
    return Parts(
        unet=UNet2DConditionModel.from_pretrained(folder, subfolder="unet", low_cpu_mem_usage=False),
        vae=AutoencoderKL.from_pretrained(folder, subfolder="vae", low_cpu_mem_usage=False),
        text_encoder=CLIPTextModel.from_pretrained(folder, subfolder="text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer"),
        scheduler=DDIMScheduler.from_pretrained(folder, subfolder="scheduler"),
    )


def make_scheduler(kind: str, **changes: Any) -> Any:
    """Return a new scheduler of a kind of `SCHEDULERS` on the model's own noise schedule.

    Raises `KeyError` for an unknown kind.
    """
    return SCHEDULERS[kind].from_config(load().scheduler.config, **changes)
