"""The parts of the Stable Diffusion in use, loaded once a process: by the fork server, and by the judge's oracles.

It is the tiny one, unless `use` has named another.
"""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import diffusers
import diffusers.utils.logging
import torch
import transformers
import transformers.utils.logging
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTokenizer

from grader.diffusion.choice import TINY, Choice, chosen
from grader.diffusion.precision import answer_in_kind
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

# Remarks on torchvision and progress bars of a quarter of a second are nobody's business.
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

TINY_SD = TINY.folder
SCHEDULERS: dict[str, Any] = {
    "ddim": DDIMScheduler,
    "dpm++": DPMSolverMultistepScheduler,
    "euler": EulerDiscreteScheduler,
}
NETWORKS = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}


@dataclass(frozen=True, eq=False)
class Parts:
    """The modules of one Stable Diffusion as `from_pretrained` gives them, and its scheduler's configuration."""

    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any


def load(folder: Path | None = None) -> Parts:
    """Load a folder that `StableDiffusionPipeline.from_pretrained` could load, in single precision.

    Without a folder, it is the model in use, in the precision that `use` was told.
    """
    return _load(_in_use if folder is None else Choice(folder))


@functools.cache
def _load(choice: Choice) -> Parts:
    return Parts(
        **{name: _network(choice, name) for name in NETWORKS},
        tokenizer=CLIPTokenizer.from_pretrained(choice.folder, subfolder="tokenizer"),
        scheduler=DDIMScheduler.from_pretrained(choice.folder, subfolder="scheduler"),
    )


def make_scheduler(kind: str, **changes: Any) -> Any:
    """Return a new scheduler of a kind of `SCHEDULERS` on the model's own noise schedule.

    Raises `KeyError` for an unknown kind.
    """
    return SCHEDULERS[kind].from_config(load().scheduler.config, **changes)


# --- another model than the tiny one -----------------------------------------------------------------------------

_in_use = TINY
_digests: dict[str, int] = {}  # of the networks in use, as they were loaded


def choice() -> Choice:
    """Return which model is in use."""
    return _in_use


def use(**arguments: str) -> None:
    """Load a model (`Choice.arguments`) into the memory of the CPU, and make it the one in use in this process."""
    global _in_use  # noqa: PLW0603 - one model a process
    wanted = chosen(**arguments)
    loaded = _load(wanted)
    _in_use = wanted
    _digests.clear()
    if not _in_use.is_tiny:
        _digests.update({name: digest(getattr(loaded, name)) for name in NETWORKS})


def to_device() -> None:
    """Move the networks in use to their device.

    A fork server does not call this: what holds a GPU's context cannot be forked.
    """
    for name in NETWORKS:
        getattr(load(), name).to(_in_use.device)


def copy_of(name: str) -> Any:
    """Return a part of the model in use (a name of `Parts`), of its own: what is done to it, no other copy shows.

    The tiny model's weights are copied. A real one's are shared, and so are what memory they take; a network whose
    weights were written over is read from its folder again before it is next given out.
    """
    part = getattr(load(), name)
    if _in_use.is_tiny or name not in NETWORKS:
        return copy.deepcopy(part)
    if digest(part) != _digests[name]:
        part.load_state_dict(_network(_in_use, name).state_dict())
    shared: dict[int, Any] = {
        id(p): torch.nn.Parameter(p.detach(), requires_grad=p.requires_grad) for p in part.parameters()
    }
    shared |= {id(buffer): buffer.detach() for buffer in part.buffers()}
    return copy.deepcopy(part, shared)


def digest(module: torch.nn.Module) -> int:
    """Return a number that changes with any change of the module's weights that is not made to deceive."""
    return hash(tuple(_sum_of_bits(weights.detach().flatten()) for weights in module.parameters()))


def _sum_of_bits(weights: torch.Tensor) -> int:
    # Eight bytes at a time where they come out even, which is ten times as fast; sums that overflow do no harm.
    eight = weights.numel() * weights.element_size() % 8 == 0
    return int(weights.view(torch.int64 if eight else torch.uint8).sum(dtype=torch.int64))


def _network(choice: Choice, name: str) -> Any:
    dtype = getattr(torch, choice.dtype)
    more: dict[str, Any] = {"dtype": dtype} if name == "text_encoder" else {"torch_dtype": dtype}
    if name != "text_encoder":
        more["low_cpu_mem_usage"] = False
    if not choice.is_tiny:
        more |= {"use_safetensors": True, "variant": weights_variant(choice.folder / name)}
    made, loading = NETWORKS[name].from_pretrained(choice.folder, subfolder=name, output_loading_info=True, **more)
    if loading["missing_keys"]:  # which would be drawn at random, without a word
        raise (GraderError if choice.is_tiny else UsageError)(
            f"{choice.folder / name} has no weights for {min(loading['missing_keys'])}, as transformers "
            f"{transformers.__version__} and diffusers {diffusers.__version__} name it. Install the versions that "
            "constraints.txt names, or copy the model again."
        )
    if (choice.device, choice.dtype) != ("cpu", "float32"):
        answer_in_kind(made)
    return made


def weights_variant(folder: Path) -> str | None:
    """Return which of a network's weights are read: None for those without a name, "fp16" if there are no others."""
    files = [path.name for path in folder.glob("*.safetensors")]
    return "fp16" if files and all(".fp16" in name for name in files) else None
