"""Finds a real Stable Diffusion by folder or by its name on the hub, and refuses in a sentence what cannot be used."""

from __future__ import annotations

import errno
import json
import math
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.diffusion.choice import Choice
from grader.errors import UsageError
from grader.faults import is_of_the_machine, reading

if TYPE_CHECKING:
    from collections.abc import Mapping

NETWORKS = ("unet", "vae", "text_encoder")
COPIES = 2  # of the weights at once: the judge's, and the one that all workers share
SPARE_BYTES = 2 * 2**30  # what a run needs beyond the weights
LATENT_CHANNELS = 4
GIB = 2**30
PIXELS_STEP = 64  # a latent place of Stable Diffusion is 8 pixels wide, and its U-Net halves three times
_REPOSITORY = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_FILES = ("model_index.json", "*/config.json", "scheduler/*.json", "tokenizer/*")
_WEIGHTS = ("diffusion_pytorch_model.safetensors", "model.safetensors")


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line; None where nothing was said."""

    model: str
    device: str | None = None
    dtype: str | None = None
    pixels: int = 0


def open_model(wish: Wish) -> Choice:
    """Return the model that was asked for, found and known to fit this machine.

    Raises `UsageError` for anything that keeps it from being used, in one sentence with the remedy.
    """
    if wish.pixels % PIXELS_STEP or wish.pixels < 0:
        raise UsageError(f"--pixels {wish.pixels} is no multiple of {PIXELS_STEP}: write one, such as 512.")
    folder = find(wish.model)
    refuse_other_kinds(folder, wish.model)
    device = find_device(wish.device)
    dtype = wish.dtype or ("float16" if device == "cuda" else "float32")
    choice = Choice(folder.resolve(), device, dtype, wish.pixels, wish.model)
    refuse_too_large(choice)
    return choice


def load_chosen(choice: Choice) -> None:
    """Make a model the one in use in this process, on its device; raise `UsageError` if its files cannot be read.

    Does nothing if it is in use already.
    """
    from safetensors import SafetensorError

    from grader.diffusion import loading

    if loading.choice() == choice:
        return
    try:
        loading.use(**choice.arguments())
    except (OSError, ValueError, SafetensorError) as error:
        if choice.is_tiny or (isinstance(error, OSError) and is_of_the_machine(error)):
            raise
        said = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"{choice.name} cannot be loaded ({said}): copy the model again, or name another one."
        ) from error
    loading.to_device()


# --- where it is -------------------------------------------------------------------------------------------------


def find(model: str) -> Path:
    """Return the folder of a model that is named by its path or by its name on the hub; it is downloaded if need be."""
    return find_here(model) or _from_hub(model)


def find_here(model: str) -> Path | None:
    """Return the folder of a model that is on this machine, None if it has yet to come from the hub."""
    path = Path(model).expanduser()
    with reading(path):
        if path.is_file():
            raise UsageError(
                f"{model} is a single file: convert it with StableDiffusionPipeline.from_single_file(FILE)"
                ".save_pretrained(FOLDER), and give the folder."
            )
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
        # First the weights without a variant's name; a repository that has only those of half precision gets them next.
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
            f"The hub knows no {name}, or hides it from you: correct the name, or log in with `hf auth login`."
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
            f"{name} cannot be had: {found}, and the hub cannot be reached. Go online, or copy the model here and give "
            "its folder."
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
    # Of other kinds of model, which have other parts, the kind is said and not what is missing.
    if _kind_of(_json(folder / "model_index.json")):
        return ""
    for network in NETWORKS:
        if not (folder / network / "config.json").is_file():
            return f"{network}/config.json"
        if not any((folder / network).glob("*.safetensors")):
            return f"weights in {network}/*.safetensors"
    return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        with reading(path, "copy the model again."):
            found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path} cannot be read as JSON: copy the model again.") from error
    return found if isinstance(found, dict) else {}


# --- what it is --------------------------------------------------------------------------------------------------


def _kind_of(index: Mapping[str, Any]) -> str:
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
    if kind := _kind_of(_json(folder / "model_index.json")):
        raise UsageError(f"{name} is {kind}: {remedy}")
    scheduler = _json(folder / "scheduler" / "scheduler_config.json")
    predicts = scheduler.get("prediction_type", "epsilon")
    if predicts != "epsilon":
        raise UsageError(f"{name} predicts {predicts}, where the exercises' U-Net predicts the noise: {remedy}")
    unet, vae = _json(folder / "unet" / "config.json"), _json(folder / "vae" / "config.json")
    channels = unet.get("in_channels", LATENT_CHANNELS)
    if channels != LATENT_CHANNELS:
        why = " (an inpainting model: latents, mask and masked picture)" if channels == 2 * LATENT_CHANNELS + 1 else ""
        raise UsageError(f"The U-Net of {name} has {channels} input channels{why}, where 4 are needed: {remedy}")
    for key in ("addition_embed_type", "class_embed_type", "encoder_hid_dim_type"):
        if unet.get(key):
            raise UsageError(f"The U-Net of {name} wants more than text (its {key} is {unet[key]}): {remedy}")
    if vae.get("latent_channels", LATENT_CHANNELS) != LATENT_CHANNELS:
        raise UsageError(f"The latents of {name} have {vae['latent_channels']} channels, where 4 are needed: {remedy}")


# --- where it computes -------------------------------------------------------------------------------------------


def find_device(wanted: str | None) -> str:
    """Return a device that is there: the one that is wanted, or else a GPU; raise `UsageError` if there is none."""
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    slow = "or say --device cpu, which takes minutes where a GPU takes seconds."
    if wanted is None:
        found = next((device for device in ("cuda", "mps") if available[device]), None)
        if found is None:
            raise UsageError(f"No GPU was found ({_why_no_cuda()}): run this where one is, {slow}")
        return found
    if not available[wanted]:
        why = _why_no_cuda() if wanted == "cuda" else "it takes macOS on an Apple processor"
        raise UsageError(f"Device {wanted} is not there ({why}): run this where one is, {slow}")
    return wanted


def _why_no_cuda() -> str:
    import torch

    if torch.version.cuda is None:
        return f"PyTorch {torch.__version__} is built without CUDA"
    return "PyTorch sees no CUDA device: `nvidia-smi` shows what the driver sees"


def refuse_too_large(choice: Choice) -> None:
    """Raise `UsageError` if the weights, in the chosen dtype, do not fit into what memory is free."""
    size = 4 if choice.dtype == "float32" else 2
    weights = sum(map(parameters, weight_files(choice.folder))) * size
    in_memory = weights * (COPIES if choice.device == "cpu" else 1) + SPARE_BYTES
    remedy = "close what you can" + ("" if size == 2 else ", or say --dtype bfloat16")  # noqa: PLR2004 - bytes of a half
    free = free_memory()
    if free is not None and in_memory > free:
        raise UsageError(
            f"{choice.name} needs {in_memory / GIB:.1f} GiB of memory in {choice.dtype}, and {free / GIB:.1f} GiB are "
            f"free: {remedy}."
        )
    if choice.device == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info()
        needed = COPIES * weights + SPARE_BYTES
        if needed > free:
            raise UsageError(
                f"{choice.name} needs {needed / GIB:.1f} GiB of GPU memory in {choice.dtype}, and {free / GIB:.1f} GiB "
                f"are free: {remedy.replace('bfloat16', 'float16')}."
            )


def weight_files(folder: Path) -> list[Path]:
    """Return the files that hold the weights which are read: those without a variant's name where there are any."""
    found = []
    for network in NETWORKS:
        files = sorted((folder / network).glob("*.safetensors"))
        found += [path for path in files if ".fp16" not in path.name] or files
    return found


def parameters(file: Path) -> int:
    """Return how many numbers a safetensors file holds, read from its header; raise `UsageError` if it is damaged."""
    try:
        with reading(file, "copy the model again."), file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(min(length, 100 * 2**20)))
        tensors = [entry for name, entry in header.items() if name != "__metadata__"]
        if file.stat().st_size != 8 + length + max((entry["data_offsets"][1] for entry in tensors), default=0):
            raise ValueError("it has another size than its header says")
        return sum(math.prod(entry["shape"]) for entry in tensors)
    except (ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        raise UsageError(f"{file} is damaged or incomplete: copy the model again.") from error


def free_memory() -> int | None:
    """Return the bytes that can be had without swapping, None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kibibytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(kibibytes) * 1024 if kibibytes else None
