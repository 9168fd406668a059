"""Reads what it may not: the answers, the rubrics, a secret in the home folder, the system's files; lists folders."""

import ctypes
import functools
import mmap
import os

from facts import COURSE, HOME, PROJECT, SANDBOX, SECRET_FILE, VICTIM_FILES
from kit import Log, libc

EXERCISE = "combine_masked"
SAYS = " tried, 0 worked."


def read(path):
    with open(path, "rb") as file:
        return file.read(200)


def opened(path):
    """Open a file and look no further."""
    os.close(os.open(path, os.O_RDONLY))
    return path


def copied():
    source = os.open(SECRET_FILE, os.O_RDONLY)
    return os.copy_file_range(source, os.open("copy", os.O_CREAT | os.O_WRONLY), 100)


def mapped():
    return mmap.mmap(os.open(SECRET_FILE, os.O_RDWR), 0)[:100]


def by_libc():
    libc.fopen.restype = ctypes.c_void_p
    return libc.fopen(SECRET_FILE.encode(), b"r") or refused()


def refused():
    raise PermissionError


def through_a_link():
    os.symlink(SECRET_FILE, "link")
    return read("link")


def through_a_hard_link():
    os.link(SECRET_FILE, "hard")
    return read("hard")


def through_the_old_root():
    os.chroot(".")
    return os.listdir("/")


@functools.cache
def everything():
    log = Log()
    for path in (*COURSE, SECRET_FILE, *VICTIM_FILES):
        log.attempt(path, read, path)
    for path in (
        "/etc/passwd",
        "/etc/shadow",
        "/proc/self/environ",
        "/proc/self/maps",
        "/proc/self/mem",
        "/proc/1/cmdline",
    ):
        log.attempt(path, opened, path)
    for folder in ("/", "/etc", "/proc", "/proc/self/fd", "/tmp", HOME, PROJECT, SANDBOX):
        log.attempt(folder, os.listdir, folder)
    for action in (copied, mapped, by_libc, through_a_link, through_a_hard_link, through_the_old_root):
        log.attempt(action.__name__, action)
    return log


def combine_masked(mask, denoised, original):
    everything().end()
