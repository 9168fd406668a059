"""A workbench: what a course has beside a submission, as recipes that build objects and readers that look at them.

The course names it in `exercises/_workbench.py`. Its source text runs in the fork server, so that every worker has it;
and in the judge, which believes no reader's answer before it is of the type that the reader promises.
"""

from __future__ import annotations

import functools
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from grader.sandbox import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from grader.sandbox.wire.messages import Source

NAME = "WORKBENCH"  # what the file calls its one value
FOLLOW = "follow"


@dataclass(frozen=True)
class Reader:
    """A function of objects and data that says as data what became of them, and the type of what it returns.

    `returns` is a type that `grader.sandbox.outside.answer_types` understands, such as `dict[str, torch.Tensor]`.
    """

    function: Callable[..., Any]
    returns: Any


def _file(name: str) -> npt.NDArray[np.uint8] | None:
    """Return the bytes of a file in the worker's private folder, None if there is none."""
    path = Path(name)
    if not path.is_file() or path.stat().st_size > limits.MAX_FILE_BYTES:
        return None
    return np.frombuffer(path.read_bytes(), dtype=np.uint8)


FILE = Reader(_file, npt.NDArray[np.uint8] | None)


@dataclass(frozen=True)
class Workbench:
    """What handles stand for, and what is done once so that every worker has it.

    `recipes` build the objects of handles from their arguments: one object for equal handles within an example, or one
    for every call if the recipe is `new_for_every_call`. `readers` look at these objects; every workbench has `file`,
    which reads a file that the submission wrote. One that is called `follow` serves `grade locate`: it gets how many
    questions to a model were right in the last run, and ends those that follow where they can no longer be right, or
    gets None and lets them go on.

    `load_model` is called once in the fork server if an exercise's checks ask for the model: with no arguments for the
    course's own, with a description by keywords for another. `to_device` is called in each worker that computes
    elsewhere than on the CPU, before anything of the submission runs. `put_away` gets the networks of every example
    that is over, in a worker that runs many edited copies of one submission: recipes may give them out again.
    """

    recipes: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    new_for_every_call: Collection[str] = frozenset()
    readers: Mapping[str, Reader] = field(default_factory=dict)
    load_model: Callable[..., None] | None = None
    to_device: Callable[[], None] | None = None
    put_away: Callable[[Collection[Any]], None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "readers", {"file": FILE, **self.readers})


@functools.cache
def opened(source: Source) -> Workbench:
    """Run a workbench's source text, once in this process, and return its value."""
    module = ModuleType(f"workbench_{zlib.crc32(source.text.encode()):08x}")
    sys.modules[module.__name__] = module  # where its classes look for the names in their annotations
    exec(compile(source.text, source.name, "exec"), vars(module))
    found = getattr(module, NAME, None)
    if not isinstance(found, Workbench):
        raise TypeError(f"{source.name} defines no {NAME}, a value of type Workbench")
    return found
