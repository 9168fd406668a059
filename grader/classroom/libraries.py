"""The libraries that a mark is computed with."""

from __future__ import annotations

import importlib.metadata

COMPUTING = ("torch", "diffusers", "transformers", "peft", "numpy", "pillow", "hypothesis")


def computing_libraries() -> str:
    """Return the libraries that compute results and draw examples, with their versions: "torch 2.13.0, ..."."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in COMPUTING)
