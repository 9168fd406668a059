"""Landlock decides which files a process can open: https://docs.kernel.org/userspace-api/landlock.html."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.sandbox.inside.libc import checked, libc

if TYPE_CHECKING:
    from collections.abc import Iterable

STRICT_LANDLOCK_ABI = 4  # the first that knows network ports
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system call numbers, the same on every architecture
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _REFER, _TRUNCATE = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 13, 1 << 14
_IOCTL_DEV = 1 << 15
_READ = _READ_FILE | _READ_DIR
_READ_WRITE = _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_CONTROL = _READ | _WRITE_FILE | _IOCTL_DEV
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV  # what a rule on one file may give
_MAKE_SOCKET = 1 << 9
_FS_RIGHTS_BY_ABI = ((1, 13), (2, 14), (3, 15), (5, 16))  # (ABI, number of file rights it knows)
_NET_RIGHTS = 0b11  # bind and connect TCP, ABI 4
_SCOPES = 0b11  # abstract Unix sockets and signals, ABI 6
_SCOPES_ABI = 6


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def supported_abi() -> int:
    """Return the kernel's Landlock version, 0 if there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def restrict_files(
    abi: int,
    readable: Iterable[str],
    listed: Iterable[str],
    writable: Iterable[str],
    devices: Iterable[str],
    *,
    sockets: bool,
) -> None:
    """Leave this process only these files: those it may read, list, write, or control as devices.

    With `sockets` it may also make Unix sockets where it may write.
    """
    handled = (1 << max(count for first, count in _FS_RIGHTS_BY_ABI if abi >= first)) - 1
    attributes = _RulesetAttributes(
        fs=handled,
        net=_NET_RIGHTS if abi >= STRICT_LANDLOCK_ABI else 0,
        scoped=_SCOPES if abi >= _SCOPES_ABI else 0,
    )
    ruleset = checked(
        "Landlock ruleset",
        libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)), 0),
    )
    writing = _READ_WRITE | (_MAKE_SOCKET if sockets else 0)
    for paths, rights in ((readable, _READ), (listed, _READ_DIR), (writable, writing), (devices, _CONTROL)):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    checked("Landlock", libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # what is not there needs no permission
    if not Path(path).is_dir():
        rights &= _ON_FILES
    rule = _PathBeneath(allowed=rights, parent=descriptor)
    checked(
        "Landlock rule", libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    )
    os.close(descriptor)
