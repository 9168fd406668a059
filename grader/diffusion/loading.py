"""Loads a Stable Diffusion, once a process, and hands out its components: in the fork server and in the judge."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from dataclasses import dataclass, fields
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
from grader.diffusion.digests import digest_of
from grader.diffusion.precision import hide_precision
from grader.diffusion.templates import Template, cloned, shared
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.diffusion.protocols import Autoencoder, Scheduler, TextEncoder, Tokenizer, UNet

# Nobody needs remarks on torchvision, or progress bars of a quarter of a second.
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
class Components:
    """The components of one Stable Diffusion as `from_pretrained` gives them."""

    unet: UNet
    vae: Autoencoder
    text_encoder: TextEncoder
    tokenizer: Tokenizer
    scheduler: Scheduler


class LoadedModel:
    """A Stable Diffusion in the memory of this process: which one it is, and its components, which must not be changed.

    To change a component, take a copy of it.
    """

    def __init__(self, choice: Choice) -> None:
        """Load the weights into the memory of the CPU; raise `UsageError` or `GraderError` if some are missing."""
        self.choice = choice
        self.components = Components(
            **{name: _network(choice, name) for name in NETWORKS},
            tokenizer=CLIPTokenizer.from_pretrained(choice.folder, subfolder="tokenizer"),
            scheduler=DDIMScheduler.from_pretrained(choice.folder, subfolder="scheduler"),
        )
        self._digests = {} if choice.is_tiny else {name: _digests_of(self.components, name) for name in NETWORKS}
        self._templates = self._written_down()

    def _written_down(self) -> dict[str, Template]:
        return {each.name: Template(getattr(self.components, each.name)) for each in fields(Components)}

    def to_device(self) -> None:
        """Move the networks to their device.

        A fork server does not call this: what holds a GPU's context cannot be forked.
        """
        for name in NETWORKS:
            getattr(self.components, name).to(self.choice.device)
        self._templates = self._written_down()

    def digests(self, name: str) -> dict[str, int]:
        """Return a digest of every parameter of a network, by name."""
        return self._digests.get(name) or _digests_of(self.components, name)

    def copy_of(self, name: str) -> Any:
        """Return a copy of a component (a field of `Components`): changing it does not change any other copy.

        The tiny model's weights are copied. A real one's are shared, and so is the memory that they take; a network
        whose weights were written over is read from its folder again before it is next given out.
        """
        if self.choice.is_tiny or name not in NETWORKS:
            return self._templates[name].copy(cloned)
        if _digests_of(self.components, name) != self._digests[name]:
            getattr(self.components, name).load_state_dict(_network(self.choice, name).state_dict())
        return self._templates[name].copy(shared)

    def make_scheduler(self, kind: str, **changes: Any) -> Scheduler:
        """Return a new scheduler of a kind of `SCHEDULERS` on the model's own noise schedule.

        A kind may say how its timesteps are spaced, as in "euler, leading"; as the model's are, if it does not.
        `changes` are those of its configuration. Raises `KeyError` for an unknown kind.
        """
        name, _, spacing = kind.partition(", ")
        spaced = {"timestep_spacing": spacing} if spacing else {}
        made: Scheduler = SCHEDULERS[name].from_config(self.components.scheduler.config, **spaced, **changes)
        return made


@functools.cache
def load_model(choice: Choice) -> LoadedModel:
    """Return a model, loaded when it is first needed in this process."""
    return LoadedModel(choice)


# --- the model in use --------------------------------------------------------------------------------------------
# Recipes that build objects in a worker, and helpers of checks, name a component and not a model. So a process has
# one model in use. A block that needs another one puts the first one back when it ends (`using`).


class _InUse:
    """The model in use in this process: the tiny one, until `use` or `using` names another."""

    def __init__(self) -> None:
        self._choice = TINY

    def model(self) -> LoadedModel:
        return load_model(self._choice)

    def change(self, choice: Choice) -> Choice:
        """Use another model, and return the choice before; nothing changes if it cannot be loaded."""
        load_model(choice)
        before, self._choice = self._choice, choice
        return before


_IN_USE = _InUse()


def in_use() -> LoadedModel:
    """Return the model in use in this process."""
    return _IN_USE.model()


def use(**arguments: str) -> None:
    """Load a model (`Choice.arguments`) into the memory of the CPU, and make it the one in use in this process."""
    _IN_USE.change(chosen(**arguments))


@contextmanager
def using(choice: Choice) -> Iterator[LoadedModel]:
    """Use a model for the length of a block, and then again the one that was in use before."""
    before = _IN_USE.change(choice)
    try:
        yield in_use()
    finally:
        _IN_USE.change(before)


def load(folder: Path | None = None) -> Components:
    """Return the components of the model in use, or of the one in a folder, that in single precision."""
    return (in_use() if folder is None else load_model(Choice(folder))).components


def to_device() -> None:
    """Move the networks of the model in use to their device (`LoadedModel.to_device`)."""
    in_use().to_device()


def copy_of(name: str) -> Any:
    """Return a copy of a component of the model in use (`LoadedModel.copy_of`)."""
    return in_use().copy_of(name)


def make_scheduler(kind: str, **changes: Any) -> Scheduler:
    """Return a new scheduler on the noise schedule of the model in use (`LoadedModel.make_scheduler`)."""
    return in_use().make_scheduler(kind, **changes)


# --- networks ----------------------------------------------------------------------------------------------------


def _digests_of(components: Components, name: str) -> dict[str, int]:
    network = getattr(components, name)
    return {parameter: digest_of(weights) for parameter, weights in network.named_parameters()}


def _network(choice: Choice, name: str) -> Any:
    dtype = getattr(torch, choice.dtype)
    more: dict[str, Any] = {"dtype": dtype} if name == "text_encoder" else {"torch_dtype": dtype}
    if name != "text_encoder":
        # Weights that are in this dtype in their file stay there, mapped into memory: all processes share its pages,
        # and whoever writes gets a copy of what it writes to.
        more["low_cpu_mem_usage"] = not choice.is_tiny
    if not choice.is_tiny:
        more |= {"use_safetensors": True, "variant": weights_variant(choice.folder / name)}
    made, loaded = NETWORKS[name].from_pretrained(choice.folder, subfolder=name, output_loading_info=True, **more)
    if loaded["missing_keys"]:  # the libraries would draw them at random, without a word
        raise (GraderError if choice.is_tiny else UsageError)(
            f"{choice.folder / name} has no weights for {min(loaded['missing_keys'])}, as transformers "
            f"{transformers.__version__} and diffusers {diffusers.__version__} name it. Install the versions that "
            "constraints.txt names, or copy the model again."
        )
    if (choice.device, choice.dtype) != ("cpu", "float32"):
        hide_precision(made)
    return made


def weights_variant(folder: Path) -> str | None:
    """Return the variant of a network's weights that is read: "fp16" if there is no other, else None."""
    files = [path.name for path in folder.glob("*.safetensors")]
    return "fp16" if files and all(".fp16" in name for name in files) else None
