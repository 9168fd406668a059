"""Whether a model fits this machine: its device is there, and its weights fit into the memory that is free."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.diffusion.choice import NETWORKS
from grader.diffusion.compatibility import configuration
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from grader.diffusion.choice import Choice

COPIES = 2  # at once: the judge's, and that of the worker, or the one that all workers share
GIB = 2**30
SPARE_BYTES = 2 * GIB  # what a run needs beyond weights and training: libraries, pictures
CONTEXT_BYTES = GIB // 2  # what CUDA takes for itself in each process
ENCODER_COPIES = 4  # of the text encoder's weights in float32: to train it, its gradients, and what AdamW remembers
_DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
MOST_HEADER_BYTES = 100 * 2**20
BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
SMALL_PIXELS = 256
STEP_BYTES_A_PIXEL = 12_000


def find_device(wanted: str | None) -> str:
    """Return the wanted device, or a GPU if none is named; raise `UsageError` if it is not available."""
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    slow = "or say --device cpu, which takes minutes where a GPU takes seconds."
    if wanted is None:
        found = next((device for device in ("cuda", "mps") if available[device]), None)
        if found is None:
            raise UsageError(f"No GPU was found ({_why_no_cuda()}): run this where one is, {slow}")
        return found
    kind, colon, number = wanted.partition(":")
    if kind not in available or (colon and (kind != "cuda" or not number.isdecimal())):
        raise UsageError(f"There is no device `{wanted}`: write cuda, cuda:1, mps or cpu.")
    if not available[kind]:
        why = _why_no_cuda() if kind == "cuda" else "it needs macOS on an Apple processor"
        raise UsageError(f"Device {wanted} is not available ({why}): run this where one is, {slow}")
    if colon and int(number) >= (count := torch.cuda.device_count()):
        raise UsageError(f"There is no device {wanted}: PyTorch sees {count}, cuda:0 to cuda:{count - 1}.")
    return wanted


def _why_no_cuda() -> str:
    import torch

    if torch.version.cuda is None:
        return f"PyTorch {torch.__version__} is built without CUDA"
    return "PyTorch sees no CUDA device: `nvidia-smi` shows what the driver sees"


class Needs(NamedTuple):
    """How many bytes a run takes in the memory of the machine, and of the GPU (0 without one)."""

    memory: int
    gpu: int


def needs(choice: Choice, jobs: int = 1) -> Needs:
    """Return what grading on a model needs, training steps included, with that many jobs on its device.

    Weights that are in their files in the dtype that they are computed in, and stay on the CPU, are mapped from there:
    all processes share them. Otherwise the judge of each job has a copy of its own, and the forks of its server share
    another one; on a GPU, so do the judge and the one worker that a job has at a time.
    """
    files = weight_files(choice.folder)
    size = BYTES[choice.dtype]
    weights = sum(map(parameters, files)) * size
    in_place = sum(parameters(file) * size for file in files if dtype_of(file) == choice.dtype)
    training = ENCODER_COPIES * parameters_of(choice.folder, "text_encoder") * BYTES["float32"]
    run = SPARE_BYTES + training
    step = activation_bytes(choice)
    if choice.kind == "cpu":
        return Needs(in_place + jobs * (COPIES * (weights - in_place) + run + COPIES * step), 0)
    return Needs(in_place + jobs * (weights - in_place + run), jobs * COPIES * (weights + step + CONTEXT_BYTES))


def side_of(choice: Choice) -> int:
    """Return the side of the pictures in pixels: the one that was chosen, or the model's own."""
    unet, vae = (configuration(choice.folder / name / "config.json") for name in ("unet", "vae"))
    own = unet.get("sample_size", 64) * 2 ** (len(vae.get("block_out_channels", [0] * 4)) - 1)
    return choice.pixels or int(own)


def activation_bytes(choice: Choice) -> int:
    """Return what one step of training keeps at most beside weights, of a batch of two pictures.

    It is what autograd keeps in the full-size U-Net without gradient checkpointing, counted at 64 to 256 pixels: 11.8
    KB a pixel in float32. With checkpointing, which checks use, it is a sixth of that.
    """
    return STEP_BYTES_A_PIXEL * side_of(choice) ** 2 * BYTES[choice.dtype] // BYTES["float32"]


def refuse_too_large(choice: Choice, jobs: int = 1) -> None:
    """Raise `UsageError` if a run does not fit into what memory is free."""
    wanted = needs(choice, jobs)
    remedies = {
        "--dtype bfloat16" if choice.kind == "cpu" else "--dtype float16": BYTES[choice.dtype] == BYTES["float32"],
        "--pixels 256": side_of(choice) > SMALL_PIXELS,
        "--jobs 1": jobs > 1,
    }
    options = " or ".join(option for option, helps in remedies.items() if helps)
    remedy = "close what you can" + (f", or say {options}" if options else "")
    free = free_memory()
    if free is not None and wanted.memory > free:
        raise UsageError(
            f"{choice.name} needs {wanted.memory / GIB:.1f} GiB of memory in {choice.dtype}, and {free / GIB:.1f} GiB "
            f"are free: {remedy}."
        )
    if choice.kind == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info(choice.device)
        if wanted.gpu > free:
            raise UsageError(
                f"{choice.name} needs {wanted.gpu / GIB:.1f} GiB of GPU memory in {choice.dtype}, and "
                f"{free / GIB:.1f} GiB are free on {choice.device}: {remedy}."
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
    return sum(math.prod(entry["shape"]) for entry in _entries(file))


def parameters_of(folder: Path, network: str) -> int:
    """Return how many numbers one network of a model has."""
    return sum(parameters(file) for file in weight_files(folder) if file.parent.name == network)


def dtype_of(file: Path) -> str:
    """Return the dtype of most numbers in a safetensors file, "" for one that no network computes in."""
    counted: dict[str, int] = {}
    for entry in _entries(file):
        counted[entry["dtype"]] = counted.get(entry["dtype"], 0) + math.prod(entry["shape"])
    return _DTYPES.get(max(counted, key=counted.__getitem__, default=""), "")


def shapes_of(file: Path) -> dict[str, list[int]]:
    """Return the shapes of the tensors in a safetensors file, by name; raise `UsageError` if it is damaged."""
    parameters(file)
    named = json.loads(header_of(file))
    return {name: list(entry["shape"]) for name, entry in named.items() if name != "__metadata__"}


def header_of(file: Path) -> bytes:
    """Return the header of a safetensors file: names, shapes and places of its tensors."""
    with file.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        return opened.read(min(length, MOST_HEADER_BYTES))


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        with reading(file, "copy the model again."):
            content = header_of(file)
        header = json.loads(content)
        tensors = [entry for name, entry in header.items() if name != "__metadata__"]
        ends = [entry["data_offsets"][1] for entry in tensors]
        if file.stat().st_size != 8 + len(content) + max(ends, default=0):
            raise ValueError("it has another size than its header says")
        for entry in tensors:
            entry["dtype"], math.prod(entry["shape"])
        return tensors
    except (ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        raise UsageError(f"{file} is damaged or incomplete: copy the model again.") from error


def free_memory() -> int | None:
    """Return the bytes that are available without swapping, None if the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kibibytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(kibibytes) * 1024 if kibibytes else None
