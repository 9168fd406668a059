"""Runs a Python command line as a user without any rights: when root runs the tests, the grader must work for others too.

Everything happens in a mount namespace of its own, in which the folders that Python and the project need can be reached
even if they lie below a folder that is closed to others, such as /root.
"""

from __future__ import annotations

import functools
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PROJECT = Path(__file__).parents[2]
NOBODY = 65534
_UNSHARE = ("unshare", "--mount", "--propagation", "private")


@functools.cache
def why_not() -> str | None:
    """Return why no command can be run as another user here, None if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root can run a command as another user"
    if not all(map(shutil.which, ("unshare", "setpriv", "mount"))):
        return "unshare, setpriv or mount is missing"
    tried = subprocess.run([*_UNSHARE, "true"], capture_output=True, text=True, check=False)
    return f"unshare is not permitted: {tried.stderr.strip()}" if tried.returncode else None


def run(arguments: Sequence[str], home: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` as nobody, with `home` as its home and temporary folder, which becomes its own.

    `home` must be an empty folder that others can reach. Keywords are those of `subprocess.run`.
    """
    os.chown(home, NOBODY, NOBODY)
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return _with_open_way(home, [*become, *_python(home), *arguments], **options)


def run_as_root(arguments: Sequence[str], home: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` as root, where other users reach what Python and the project need; see `run`."""
    return _with_open_way(home, [*_python(home), *arguments], **options)


def _python(home: Path) -> list[str]:
    return [
        "env", "-i", f"HOME={home}", f"TMPDIR={home}", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1",
        sys.executable,
    ]  # fmt: skip


def _with_open_way(home: Path, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    script = _script(sorted({Path(sys.prefix), Path(sys.base_prefix), PROJECT}), home / "aside")
    return subprocess.run([*_UNSHARE, "sh", "-c", script, "sh", *command], cwd="/", text=True, check=False, **options)


def _script(needed: Iterable[Path], aside: Path) -> str:
    """Return the shell commands that open the way to the needed folders and then run their arguments."""
    hidden = {path: closed for path in needed if (closed := _closed_ancestor(path))}
    lines = ["set -e"]
    for number, path in enumerate(hidden):
        lines += [f"mkdir -p '{aside}/{number}'", f"mount --bind '{path}' '{aside}/{number}'"]
    lines += [f"mount -t tmpfs -o mode=755 tmpfs '{closed}'" for closed in sorted(set(hidden.values()))]
    for number, path in enumerate(hidden):
        lines += [f"mkdir -p '{path}'", f"mount --bind '{aside}/{number}' '{path}'"]
    return "\n".join([*lines, 'exec "$@"'])


def _closed_ancestor(path: Path) -> Path | None:
    """Return the outermost folder above `path` that others may not pass through."""
    for ancestor in reversed(path.parents):
        if not ancestor.stat().st_mode & stat.S_IXOTH:
            return ancestor
    return None
