"""The registry of output formats: each module of a package of formats is one, and nothing else names it.

Such a module is called like its format and has a `FORMAT`. The names are known without importing any of them, so that
help need not wait for what draws or computes.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from grader.report.documents import Document, Files

    Content = str | RenderableType | Document | Files | None

T = TypeVar("T")


@dataclass(frozen=True)
class Format(Generic[T]):
    """A way to write something: as text, drawn for a terminal with its width and colours, or as what programs read.

    `write` returns None where there is nothing to be written. With `several`, it returns `Files`, and they need a
    folder or an archive to be put into. `takes` names the options of its command that not every format takes.
    """

    name: str
    write: Callable[[T], Content]
    several: bool = False
    takes: tuple[str, ...] = ()


class Formats(Generic[T]):
    """The formats that something can be written in: the modules of a package, with the default one first."""

    def __init__(self, package: str, default: str) -> None:
        self.default = default
        self._package = package

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all formats."""
        places = importlib.import_module(self._package).__path__
        found = sorted(module.name for module in pkgutil.iter_modules(places) if not module.name.startswith("_"))
        return (self.default, *(name for name in found if name != self.default))

    def get(self, name: str) -> Format[T]:
        """Import a format."""
        found: Format[T] = importlib.import_module(f"{self._package}.{name}").FORMAT
        assert found.name == name, f"{self._package}.{name} registers a format of another name: {found.name}"
        return found

    def written(self, name: str, content: T) -> Content:
        """Return something in a format, None where that has nothing to write."""
        return self.get(name).write(content)
