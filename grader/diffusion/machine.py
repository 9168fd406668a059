"""What the fork server and its workers need for a model: which one, loaded from where, with how much memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.diffusion.choice import TINY
from grader.faults import reading
from grader.sandbox import limits
from grader.sandbox.outside.server import Machine
from grader.sandbox.outside.workbench_file import source_of
from grader.sandbox.wire.messages import Equipment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.model import Course, Exercise
    from grader.diffusion.choice import Choice


def model_of(choice: Choice) -> dict[str, str]:
    """Return what a workbench's `load_model` is told of a model: nothing of the tiny one."""
    return {} if choice.is_tiny else choice.arguments()


def equipment(course: Course, exercises: Iterable[Exercise], choice: Choice = TINY) -> Equipment:
    """Return what the fork server gets ready for exercises of a course: its workbench, and a model if one asks for it.

    Raises:
        UsageError: the course's workbench cannot be read.
    """
    workbench = source_of(course.root, course.workbench)
    return Equipment(workbench, model_of(choice) if any(exercise.on_model for exercise in exercises) else None)


def machine(choice: Choice) -> Machine:
    """Return what workers get to compute with."""
    if choice.is_tiny:
        return Machine()
    # A snapshot in the hub's cache is a folder of links: what they lead to must be readable, too.
    with reading(choice.folder):
        files = {str(path.resolve()) for path in choice.folder.rglob("*") if path.is_symlink()}
    return Machine(
        device=choice.device,
        readable=(str(choice.folder), *sorted(files)),
        memory_bytes=limits.REAL_MODEL_MEMORY_BYTES,
    )
