"""Numbers beside a helper module are read, and what is wrong with their file is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save

from grader.checks.recorded import group, read_recorded
from grader.errors import GraderError

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_are_read_by_name_and_by_group(tmp_path: Path) -> None:
    numbers = {"loss": torch.tensor(0.5), "after/a": torch.ones(2), "after/b": torch.zeros(1)}
    (tmp_path / "_recorded.safetensors").write_bytes(save(numbers))
    found = read_recorded(str(tmp_path / "_recorded.py"))
    assert float(found["loss"]) == 0.5
    assert sorted(group(found, "after")) == ["a", "b"]
    assert torch.equal(group(found, "after")["a"], torch.ones(2))


@pytest.mark.parametrize("content", [None, b"", b"no numbers"])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "_recorded.safetensors").write_bytes(content)
    with pytest.raises(GraderError, match=r"_recorded\.safetensors cannot be read: .*Restore the file"):
        read_recorded(str(tmp_path / "_recorded.py"))
