"""Checks of what the system offers: confinement of submissions, memory, and room for temporary files."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import shutil
import sys
import tempfile

from grader.diffusion.resources import GIB, free_memory
from grader.doctor.finding import Finding, State, pip
from grader.sandbox.inside.landlock import STRICT_LANDLOCK_ABI, supported_abi

LEAST_MEMORY_BYTES = 2 * GIB  # judge and workers on the tiny model take 0.7 GiB, and a submission may take more
LEAST_DISK_BYTES = GIB  # a submission's workers may write 64 MiB each
_STRICT_LINUX = "6.7"  # the first with Landlock ABI 4
_UNCONFINED = "submissions run without confinement, and `grade batch` and `grade ci` refuse to run"


def isolation() -> Finding:
    """Say which level of isolation this system allows, and what keeps it from being the strict one."""
    lacking = [lack for lack in (_no_landlock(), _no_seccomp()) if lack]
    if not lacking:
        return Finding("isolation", State.OK, f"strict (Landlock ABI {supported_abi()}, libseccomp)")
    why = " and ".join(reason for reason, _ in lacking)
    remedies = list(dict.fromkeys(remedy for _, remedy in lacking))
    remedy = "; ".join([*remedies, "until then, grade only code that you trust"])
    return Finding("isolation", State.WARNING, f"off, because {why}: {_UNCONFINED}", remedy)


def memory() -> Finding:
    """Check that enough memory is free."""
    free = free_memory()
    if free is None:
        return Finding("memory", State.SKIPPED, "this system does not say how much is free")
    found = f"{free / GIB:.1f} GiB free"
    if free < LEAST_MEMORY_BYTES:
        found += f", where {LEAST_MEMORY_BYTES / GIB:.0f} GiB are recommended"
        return Finding("memory", State.WARNING, found, "close other programs, or grade a class with `--jobs 1`")
    return Finding("memory", State.OK, found)


def temporary_folder() -> Finding:
    """Check that there is a folder for temporary files, the one that was asked for, with room in it."""
    name, wanted = "temporary files", os.environ.get("TMPDIR")
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError:
        found = "neither TMPDIR nor /tmp is a writable folder, so nothing can be graded"
        return Finding(name, State.PROBLEM, found, "make room on the disk, or set TMPDIR to a folder of yours")
    free = shutil.disk_usage(folder).free
    found = f"{folder}, {free / GIB:.1f} GiB free"
    if wanted and os.path.realpath(wanted) != os.path.realpath(folder):
        found = f"TMPDIR is {wanted}, but that is not a writable folder; {folder} is used instead"
        return Finding(name, State.WARNING, found, f"`mkdir -p {wanted}`, or `unset TMPDIR`")
    if free < LEAST_DISK_BYTES:
        found += f", where {LEAST_DISK_BYTES / GIB:.0f} GiB are recommended"
        return Finding(name, State.WARNING, found, "make room on the disk, or set TMPDIR to a folder on another one")
    return Finding(name, State.OK, found)


def _no_landlock() -> tuple[str, str] | None:
    """Return why Landlock cannot confine submissions here and what helps, None if it can."""
    if sys.platform != "linux":
        return (
            f"confinement needs Linux, and this is {platform.system()}",
            "use Linux, in a virtual machine if necessary",
        )
    ctypes.set_errno(0)
    abi = supported_abi()
    if abi >= STRICT_LANDLOCK_ABI:
        return None
    if abi == 0 and ctypes.get_errno() == errno.EOPNOTSUPP:
        return "Landlock was switched off when the system started", "add `landlock` to the kernel's parameter `lsm=`"
    found = f"Landlock has ABI {abi} in" if abi else "Landlock is missing in"
    return (
        f"{found} this kernel or container (Linux {platform.release()}), where ABI {STRICT_LANDLOCK_ABI} is needed",
        f"use Linux {_STRICT_LINUX} or newer, in a container that allows Landlock",
    )


def _no_seccomp() -> tuple[str, str] | None:
    """Return why system calls cannot be filtered here and what helps, None if they can."""
    if sys.platform != "linux":
        return None  # it has been reported already
    try:
        import pyseccomp  # noqa: F401
    except ImportError:
        return "the library pyseccomp is missing", pip("install pyseccomp")
    except (RuntimeError, OSError) as error:  # it looks for the system's library when it is imported
        help_by = "install libseccomp2 (`sudo apt install libseccomp2`; on Fedora `sudo dnf install libseccomp`)"
        return f"libseccomp.so.2 cannot be loaded ({error})", help_by
    return None
