"""From what was asked for on the command line to a model that is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.diffusion.choice import Choice
from grader.diffusion.compatibility import refuse_other_kinds, shipped_rows_hold
from grader.diffusion.hub import find
from grader.diffusion.resources import find_device, header_of, refuse_too_large, weight_files
from grader.diffusion.tolerances import command, table, to_json
from grader.errors import UsageError
from grader.faults import is_of_the_machine

if TYPE_CHECKING:
    from pathlib import Path

    from grader.course.model import Course
    from grader.diffusion.loading import LoadedModel

PIXELS_STEP = 64  # a latent place of Stable Diffusion is 8 pixels wide, and its U-Net halves three times


@dataclass(frozen=True)
class ModelRequest:
    """The model, device, dtype and size that the command line asks for; None for what it leaves open."""

    model: str
    device: str | None = None
    dtype: str | None = None
    pixels: int = 0


def resolve_model(request: ModelRequest, jobs: int = 1) -> Choice:
    """Return the model that was asked for, found and known to fit this machine for that many jobs.

    Raises `UsageError` for anything that keeps it from being used, in one sentence with the remedy.
    """
    if request.pixels % PIXELS_STEP or request.pixels < 0:
        raise UsageError(f"--pixels {request.pixels} is not a multiple of {PIXELS_STEP}: write one, such as 512.")
    folder = find(request.model)
    refuse_other_kinds(folder, request.model)
    device = find_device(request.device)
    dtype = request.dtype or ("float16" if device.startswith("cuda") else "float32")
    choice = Choice(folder.resolve(), device, dtype, request.pixels, request.model)
    refuse_too_large(choice, jobs)
    return choice


def identity(choice: Choice, course: Path) -> str:
    """Return what a mark is made of that was given on a real model: the model, how it computes, and the tolerances.

    Of the weights, the files' names, sizes and headers count, not every byte of gigabytes.
    """
    digest = hashlib.sha256()
    for path in weight_files(choice.folder):
        digest.update(f"{path.relative_to(choice.folder)} {path.stat().st_size} ".encode() + header_of(path))
    digest.update(to_json(table(course)).encode())
    size = f", {choice.pixels} pixels" if choice.pixels else ""
    return f"{choice.name} on {choice.kind} in {choice.dtype}{size}, {digest.hexdigest()[:16]}"


def refuse_unmeasured(course: Course, real: Choice) -> None:
    """Raise `UsageError` unless tolerances were measured on a model's device, in its dtype and for such weights."""
    known = table(course.root)
    if known.for_weights(shipped=shipped_rows_hold(real.folder)).covers(real.kind, real.dtype):
        return
    seeded = " for learned weights" if known.covers(real.kind, real.dtype) else ""
    raise UsageError(
        f"Tolerances for {real.kind} in {real.dtype} have not been measured yet{seeded}: run `{command(real)}` once, "
        "which takes minutes."
    )


def load_chosen(choice: Choice) -> LoadedModel:
    """Return a model on its device; raise `UsageError` if its files cannot be read."""
    from safetensors import SafetensorError

    from grader.diffusion.loading import load_model

    try:
        model = load_model(choice)
    except (OSError, ValueError, SafetensorError) as error:
        if choice.is_tiny or (isinstance(error, OSError) and is_of_the_machine(error)):
            raise
        said = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"{choice.name} cannot be loaded ({said}): copy the model again, or name another one."
        ) from error
    model.to_device()
    return model
