"""From what was asked for on the command line to a model that is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.diffusion.choice import Choice
from grader.diffusion.compatibility import refuse_other_kinds
from grader.diffusion.hub import find
from grader.diffusion.resources import find_device, refuse_too_large
from grader.errors import UsageError
from grader.faults import is_of_the_machine

if TYPE_CHECKING:
    from grader.diffusion.loading import LoadedModel

PIXELS_STEP = 64  # a latent place of Stable Diffusion is 8 pixels wide, and its U-Net halves three times


@dataclass(frozen=True)
class ModelRequest:
    """The model, device, dtype and size that the command line asks for; None for what it leaves open."""

    model: str
    device: str | None = None
    dtype: str | None = None
    pixels: int = 0


def resolve_model(request: ModelRequest) -> Choice:
    """Return the model that was asked for, found and known to fit this machine.

    Raises `UsageError` for anything that keeps it from being used, in one sentence with the remedy.
    """
    if request.pixels % PIXELS_STEP or request.pixels < 0:
        raise UsageError(f"--pixels {request.pixels} is not a multiple of {PIXELS_STEP}: write one, such as 512.")
    folder = find(request.model)
    refuse_other_kinds(folder, request.model)
    device = find_device(request.device)
    dtype = request.dtype or ("float16" if device == "cuda" else "float32")
    choice = Choice(folder.resolve(), device, dtype, request.pixels, request.model)
    refuse_too_large(choice)
    return choice


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
