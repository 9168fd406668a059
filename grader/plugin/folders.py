"""The fixture `tmp_path` of checks that `grade` runs: a folder that is gone when the check has ended.

pytest's own keeps folders for whoever looks at a failure, all of them below one folder of the user that other runs of
pytest clear up. A judge that grades thousands of submissions would fill it, and fail when it is gone.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a new folder for a check's own files."""
    with tempfile.TemporaryDirectory(prefix="grade-check-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
