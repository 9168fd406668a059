"""The private folders of workers: kept from filling the disk, and deleted whatever was made in them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MAX_BYTES = 64 * 2**20  # of one file, and of all of them together
MAX_FILES = 1_000


def over_quota(folder: Path) -> bool:
    """Tell whether a folder holds more than `MAX_BYTES` or `MAX_FILES`; links are counted, not followed."""
    files = size = 0
    pending = [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if files > MAX_FILES or size > MAX_BYTES:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
        except FileNotFoundError:
            continue  # deleted meanwhile
        except OSError:
            return True  # a path too long to look into is no honest folder
    return False


def delete(folder: Path) -> None:
    """Delete a folder with everything in it, following no links; what cannot be deleted stays."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:  # nested thousands of levels deep, by somebody who wanted this
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False)
