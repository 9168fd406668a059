"""What the fork server and its workers need for a model: loaded where, brought where, with how much memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.faults import reading
from grader.sandbox import limits
from grader.sandbox.outside.server import MODEL_PRELOAD, WORKSHOP, Machine

if TYPE_CHECKING:
    from grader.diffusion.choice import Choice
    from grader.sandbox.wire.messages import Step

_TO_DEVICE = "grader.diffusion.loading:to_device"


def model_preload(choice: Choice) -> tuple[Step, ...]:
    """Return what the fork server imports and loads for exercises on the model.

    It loads the weights into the memory of the CPU, where all workers share them. For Metal, which works in no fork,
    every worker is a new process and loads them itself.
    """
    if choice.is_tiny:
        return MODEL_PRELOAD
    return (WORKSHOP, "grader.diffusion.loading") if choice.device == "mps" else (WORKSHOP, _use(choice))


def machine(choice: Choice) -> Machine:
    """Return what workers get to compute with."""
    if choice.is_tiny:
        return Machine()
    # A snapshot in the hub's cache is a folder of links: what they lead to must be readable, too.
    with reading(choice.folder):
        files = {str(path.resolve()) for path in choice.folder.rglob("*") if path.is_symlink()}
    steps: dict[str, tuple[Step, ...]] = {"cuda": (_TO_DEVICE,), "mps": (_use(choice), _TO_DEVICE)}
    return Machine(
        device=choice.device,
        last_steps=steps.get(choice.device, ()),
        readable=(str(choice.folder), *sorted(files)),
        memory_bytes=limits.REAL_MODEL_MEMORY_BYTES,
    )


def _use(choice: Choice) -> Step:
    return "grader.diffusion.loading:use", choice.arguments()
