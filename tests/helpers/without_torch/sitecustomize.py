"""Lets nobody import PyTorch, or what cannot be had without it, in the process that imports this.

A folder of its own on PYTHONPATH: Python imports a module of this name when it starts.
"""

from __future__ import annotations

import sys

HEAVY = ("torch", "diffusers", "transformers", "peft", "accelerate")


class Refuse:
    """An import hook."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - the import protocol
        """Refuse a module as if it were not installed."""
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"No module named {name!r}: PyTorch is refused in this run.", name=name)


sys.meta_path.insert(0, Refuse())
