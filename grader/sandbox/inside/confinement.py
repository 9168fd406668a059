"""Takes from the current process everything a student's function does not need, for good.

Landlock decides which files can be opened, seccomp which system calls exist, resource limits how much of anything
can be had. None of it needs privileges, and none of it can be undone by the process itself.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from grader.sandbox import limits
from grader.sandbox.inside import landlock, seccomp
from grader.sandbox.inside.libc import ConfinementError, checked, libc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grader.sandbox.wire.messages import Rules

MEMORY = Path("/proc/self/statm")  # what a process has, without which no limit can be set; Linux's, if it is mounted
APART = "GRADE_APART"  # in the environment of a fork server that is another user's than the judge
_PR_SET_DUMPABLE = 4
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_READ_EVERYTHING = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, which root reads other users' files by


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def _drop_capabilities(kept: int = 0) -> None:
    """Drop root's permissions beyond being the owner of root's files, but for those kept, where it has them."""
    if os.geteuid() == 0:  # dropping the bounding set needs a permission itself
        for capability in range(64):
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = _CapabilityHeader(version=0x20080522, pid=0)
    sets = (ctypes.c_uint32 * 6)()
    checked("capabilities", libc.capget(ctypes.byref(header), ctypes.byref(sets)))
    effective, permitted = sets[0] & kept, sets[1] & kept
    sets = (ctypes.c_uint32 * 6)(effective, permitted)
    checked("capabilities", libc.capset(ctypes.byref(header), ctypes.byref(sets)))


def _limit_resources(rules: Rules, statm: TextIO | None) -> None:
    allowed = {
        resource.RLIMIT_CPU: rules.cpu_seconds,
        resource.RLIMIT_FSIZE: rules.file_bytes,
        resource.RLIMIT_NOFILE: limits.MAX_OPEN_FILES + (limits.MAX_GPU_FILES if rules.devices else 0),
        resource.RLIMIT_CORE: 0,
    }
    if statm is not None:
        allowed[resource.RLIMIT_AS] = int(statm.read().split()[0]) * resource.getpagesize() + rules.memory_bytes
        allowed[resource.RLIMIT_MSGQUEUE] = 0
        if not rules.devices:  # a driver pins memory for what goes to the GPU
            allowed[resource.RLIMIT_MEMLOCK] = 0
    for what, wanted in allowed.items():
        _, hard = resource.getrlimit(what)
        amount = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(what, (amount, amount))


def close_descriptors(kept: Iterable[int]) -> None:
    """Close every descriptor of this process except those."""
    last = -1
    for descriptor in sorted({*kept, resource.getrlimit(resource.RLIMIT_NOFILE)[0]}):
        if last + 1 < descriptor:  # an empty range would close everything
            os.closerange(last + 1, descriptor)
        last = descriptor


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def hide_memory() -> None:
    """Keep processes of the same user from reading and changing what this one and its forks have in memory."""
    if sys.platform == "linux":
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(
    rules: Rules,
    abi: int,
    program: bytes | None,
    last_step: Callable[[], None] | None = None,
    *,
    sockets: bool = False,
    as_root: bool = False,
) -> None:
    """Confine this process for good; raise `ConfinementError` if the kernel refuses a part.

    With `sockets` it may make Unix sockets in its folder, which the program must allow too. With `as_root` it can read
    what the rules name like root if it is root, whoever owns it.

    With `rules.confined` all of it applies, and the caller has made sure that `abi` and `program` are there; without
    it, only the resource limits do, and with `rules.partly` whatever of the rest but Landlock can be had.

    `last_step` sets up a GPU, if there is one to be used: after files are out of reach, which holds for the threads
    that a driver starts as well, and before system calls are, of which setting up needs more than computing. Memory is
    limited after it, because a driver reserves more addresses than there is memory.
    """
    # Opened now: it may be out of reach when it is read.
    statm = MEMORY.open(encoding="ascii") if MEMORY.exists() else None
    if rules.confined:
        if program is None or abi < landlock.STRICT_LANDLOCK_ABI or statm is None:
            raise ConfinementError("Landlock, seccomp or /proc is missing")
        if rules.devices:
            program = seccomp.compile_filter(gpu=True) or program
        checked("no new privileges", libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _drop_capabilities(_READ_EVERYTHING if as_root else 0)
        paths = [*rules.readable, rules.source]
        paths += [path for path in rules.devices if not path.startswith("/dev/")]
        devices = [path for path in rules.devices if path.startswith("/dev/")]
        landlock.restrict_files(abi, paths, rules.listed, [rules.work, "/dev/null"], devices, sockets=sockets)
    elif rules.partly:
        checked("no new privileges", libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _drop_capabilities()
    if last_step is not None:
        last_step()
    _limit_resources(rules, statm)
    if statm is not None:
        statm.close()
    if (rules.confined or rules.partly) and program is not None:
        seccomp.filter_calls(program, all_threads=last_step is not None)
