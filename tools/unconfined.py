"""Runs a command where nothing can be confined: a Linux without Landlock, without seccomp, and with a bare /proc.

    python tools/unconfined.py python -m pytest --unconfined

For the tests of the path that Macs and older kernels take. Nothing in the grader knows of this script: a system call
filter makes the kernel answer the command and all its children as one that has neither Landlock nor seccomp, and in a
mount namespace of the command's own /proc is all but empty and libseccomp cannot be loaded. Needs Linux, libseccomp,
and root or the right to make namespaces.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import NoReturn

_LANDLOCK = (444, 445, 446)  # system call numbers, the same on every architecture
_PR_SET_SECCOMP = 22


def forget_landlock_and_seccomp() -> None:
    """Have the kernel tell this process and its children that it knows neither."""
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for number in _LANDLOCK:
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), number)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "seccomp")
    rules.add_rule(seccomp.ERRNO(errno.EINVAL), "prctl", seccomp.Arg(0, seccomp.EQ, _PR_SET_SECCOMP))
    rules.load()


def run_without_proc(command: list[str]) -> NoReturn:
    """Become the command, in a namespace in which libseccomp is an empty file, and /proc says of the CPU alone.

    Without that, PyTorch cannot convert numbers of half precision.
    """
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    libraries = {os.path.realpath(line.split()[-1]) for line in listed.splitlines() if "libseccomp.so" in line}
    script = ["set -e", *(f"mount --bind /dev/null '{path}'" for path in sorted(libraries))]
    script += ["mount -t tmpfs tmpfs /mnt", "cp /proc/cpuinfo /mnt/"]
    script += ["mount --bind /mnt /proc", 'exec "$@"']  # /proc last: `mount` reads it
    unshare = ["unshare", "--mount", "--propagation", "private", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    os.execvp(unshare[0], [*unshare, "sh", "-c", "\n".join(script), "sh", *command])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        raise SystemExit("Name a command: python tools/unconfined.py COMMAND [ARGUMENT]...")
    forget_landlock_and_seccomp()
    run_without_proc(sys.argv[1:])
