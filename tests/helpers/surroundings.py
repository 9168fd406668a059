"""Poorer surroundings than a developer's: without PyTorch, or where nothing can be confined."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from grader.sandbox.inside import landlock, seccomp


def refuse_torch() -> None:
    """Refuse PyTorch in this process, and in the commands that tests start."""
    refusing = importlib.import_module("helpers.without_torch.sitecustomize")
    folder = str(Path(str(refusing.__file__)).parent)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))


def means_of_confinement() -> list[str]:
    """Return what there is to confine a process with; nothing on a Mac."""
    found = {
        "Landlock": landlock.supported_abi() > 0,
        "seccomp": seccomp.compile_filter() is not None,
        "/proc": Path("/proc/self").exists(),
    }
    return [name for name, there in found.items() if there]
