"""How pip is called, and what it writes of a distribution, so that tests can have any installed."""

from __future__ import annotations

import base64
import hashlib
import sys
from typing import TYPE_CHECKING

from helpers.course_factory import write_files

if TYPE_CHECKING:
    from pathlib import Path

PIP = f"{sys.executable} -m pip"


def install(
    packages: Path,
    name: str,
    version: str = "1.0",
    needs: tuple[str, ...] = (),
    python: str = ">=3.11",
    files: dict[str, str] | None = None,
) -> None:
    """Write what pip writes of a distribution."""
    fields = [f"Name: {name}", f"Version: {version}", f"Requires-Python: {python}"]
    fields += [f"Requires-Dist: {need}" for need in needs]
    record = []
    for path, content in (files or {}).items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(content)}")
    noted = {"METADATA": "\n".join(["Metadata-Version: 2.1", *fields, "", ""]), "RECORD": "\n".join(record) + "\n"}
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    write_files(packages, {**(files or {}), **{f"{folder}/{file}": text for file, text in noted.items()}})
