"""Numbers that were recorded for pinned inputs, in a file beside the helper module that names them.

A check that compares with recorded numbers needs no function that computes the answer, which students could copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

SUFFIX = ".safetensors"


def read_recorded(module: str) -> dict[str, torch.Tensor]:
    """Return the tensors in the file beside a helper module, by name; `module` is its `__file__`.

    Raises `GraderError` if the file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = Path(module).with_suffix(SUFFIX)
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise GraderError(f"The recorded numbers in {path} cannot be read: {error}. Restore the file.") from error


def group(numbers: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """Return the tensors that are called `prefix/NAME`, by NAME."""
    start = f"{prefix}/"
    return {name.removeprefix(start): value for name, value in numbers.items() if name.startswith(start)}
