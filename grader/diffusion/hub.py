"""Finds the folder of a Stable Diffusion, by its path or by its name on the hub, and downloads it if need be."""

from __future__ import annotations

import errno
import re
from pathlib import Path

from grader.diffusion.choice import NETWORKS
from grader.diffusion.compatibility import configuration, kind_of
from grader.diffusion.single_file import unpacked
from grader.errors import UsageError
from grader.faults import is_of_the_machine, reading

_REPOSITORY = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_FILES = ("model_index.json", "*/config.json", "scheduler/*.json", "tokenizer/*")
_WEIGHTS = ("diffusion_pytorch_model.safetensors", "model.safetensors")


def find(model: str) -> Path:
    """Return the folder of a model that is named by its path or by its name on the hub; it is downloaded if need be."""
    return find_here(model) or _from_hub(model)


def find_here(model: str) -> Path | None:
    """Return the folder of a model that is on this machine, None if it has yet to come from the hub."""
    path = Path(model).expanduser()
    with reading(path):
        if path.is_file():
            return unpacked(path)
        if path.is_dir():
            if missing := _missing(path):
                raise UsageError(f"{model} has no {missing}: give a folder that StableDiffusionPipeline could load.")
            return path
    if not _REPOSITORY.fullmatch(model):
        raise UsageError(f"There is no folder {model}: correct the path, or give a name on the hub (`owner/name`).")
    folder = _in_cache(model)
    return None if _missing(folder) else folder


def _in_cache(name: str) -> Path | None:
    """Return the folder of a repository in the hub's local cache, which may lack files; None if there is none."""
    from huggingface_hub import errors, snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except errors.LocalEntryNotFoundError:
        return None


def _from_hub(name: str) -> Path:
    """Download a repository, as far as it is not in the local cache, and return its folder there."""
    from huggingface_hub import constants, errors, snapshot_download

    folder = _in_cache(name)
    try:
        # First the weights without a variant's name; then, for repositories that have only those, half precision.
        for variant in ("", ".fp16"):
            weights = [f"{network}/{_variant(file, variant)}" for network in NETWORKS for file in _WEIGHTS]
            folder = Path(snapshot_download(name, allow_patterns=[*_FILES, *weights]))
            if not _missing(folder):
                return folder
    except errors.GatedRepoError as error:
        raise UsageError(
            f"{name} is gated: accept its licence at https://huggingface.co/{name}, then log in with `hf auth login`."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise UsageError(
            f"The hub does not have {name}, or hides it from you: correct the name, or log in with `hf auth login`."
        ) from error
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, OSError) as error:
        if isinstance(error, OSError) and is_of_the_machine(error):
            raise
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise UsageError(
                f"{name} cannot be downloaded, because the disk is full: make room in {constants.HF_HUB_CACHE}, or set "
                "HF_HOME to another folder."
            ) from error
        found = f"{folder} lacks {_missing(folder)}" if folder else f"{constants.HF_HUB_CACHE} has no copy"
        raise UsageError(
            f"{name} is not available: {found}, and the hub cannot be reached. Go online, or copy the model here and "
            "give its folder."
        ) from error
    raise UsageError(f"{name} has no {_missing(folder)}: choose a model in diffusers' layout with safetensors.")


def _variant(file: str, variant: str) -> str:
    stem, _, suffix = file.rpartition(".")
    return f"{stem}{variant}.{suffix}"


def _missing(folder: Path | None) -> str:
    """Return the first file that a Stable Diffusion's folder lacks, "" if nothing is missing."""
    if folder is None:
        return "files"
    for name in ("model_index.json", "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json"):
        if not (folder / name).is_file():
            return name
    # Other kinds of model have other components: what they are is said later, instead of what is missing.
    if kind_of(configuration(folder / "model_index.json")):
        return ""
    for network in NETWORKS:
        if not (folder / network / "config.json").is_file():
            return f"{network}/config.json"
        if not any((folder / network).glob("*.safetensors")):
            return f"weights in {network}/*.safetensors"
    return ""
