"""Whether a model fits this machine: its device is there, and its weights fit into the memory that is free."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from grader.diffusion.hub import NETWORKS
from grader.errors import UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from grader.diffusion.choice import Choice

COPIES = 2  # of the weights at once: the judge's, and the one that all workers share
SPARE_BYTES = 2 * 2**30  # what a run needs beyond the weights
GIB = 2**30


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
    if not available[wanted]:
        why = _why_no_cuda() if wanted == "cuda" else "it needs macOS on an Apple processor"
        raise UsageError(f"Device {wanted} is not available ({why}): run this where one is, {slow}")
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
    """Return the bytes that are available without swapping, None if the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kibibytes = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), None)
    return int(kibibytes) * 1024 if kibibytes else None
