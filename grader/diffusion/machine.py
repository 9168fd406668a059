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
    from grader.sandbox.wire.messages import Source


def bench(course: Course) -> Equipment:
    """Return what stands beside submissions for exercises of a course that need no model.

    Raises:
        UsageError: the course's workbench cannot be read.
    """
    return Equipment(source_of(course.root, course.workbench))


def equipment(workbench: Source, exercise: Exercise, forbidden: Iterable[str], choice: Choice = TINY) -> Equipment:
    """Return what stands beside a submission for an exercise: the workbench, and a model if a check asks for it.

    Packages that the exercise forbids as a whole are not even imported for the model.
    """
    if not exercise.uses_model(choice.tier, "worker"):
        return Equipment(workbench)
    packages = sorted(name for name in forbidden if "." not in name)
    return Equipment(workbench, {} if choice.is_tiny else choice.arguments(), tuple(packages))


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
