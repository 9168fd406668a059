"""The private folders of workers: kept from filling the disk, and deleted whatever was made in them."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from pathlib import Path

from grader.sandbox import limits

_OF_THE_MACHINE = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO}  # nothing that a folder could bring about


def over_quota(folder: Path, nameless_bytes: int = 0) -> bool:
    """Tell whether a folder, with files that belong to it and have no name, holds more than it may.

    Links are counted, not followed.
    """
    files, size = 0, nameless_bytes
    pending = [folder]
    if size > limits.MAX_FOLDER_BYTES:
        return True
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if files > limits.MAX_FOLDER_FILES or size > limits.MAX_FOLDER_BYTES:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
        except FileNotFoundError:
            continue  # deleted meanwhile
        except OSError as error:
            if error.errno in _OF_THE_MACHINE:
                raise
            return True  # an honest folder has no path that is too long to look into
    return False


def delete(folder: Path) -> None:
    """Delete a folder with everything in it, following no links; what cannot be deleted stays."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # closed to its own user, or nested thousands of levels deep, by somebody who wanted this
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(folder)], check=False, stderr=subprocess.DEVNULL)
