"""Handles: how the judge speaks of objects that cannot travel, such as modules, schedulers and tokenizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Handle(NamedTuple):
    """An object that a worker builds by a recipe of the course's workbench, from data and other handles.

    Within one example of a check, equal handles are one object, so that what a call did to it can be read back or met
    by the next call; the next example gets a new one. Handles that differ in nothing but their `identity` stand for
    objects of their own that are built alike.
    """

    recipe: str
    arguments: Mapping[str, Any]
    identity: int = 0

    @property
    def type_name(self) -> str:
        """What the object is called where its type would be named."""
        return self.recipe

    @property
    def text(self) -> str:
        """How the object reads in a call: <RECIPE>, or <RECIPE text> where an argument is a text."""
        words = [str(value) for value in self.arguments.values() if isinstance(value, str)]
        return f"<{' '.join([self.recipe, *words])}>"
