"""Has the kernel act in its name: as the owner of a pipe it names others, to whom signals go; it takes leases and locks.

While a lease on a file is held, everybody else who opens it waits for up to 45 seconds; a lock that is held stops
everybody else who wants one.
"""

import fcntl
import functools
import os
import signal
import struct

from facts import JUDGE, VICTIM
from kit import Log

EXERCISE = "strength_to_t_start"
SAYS = "9 tried, 0 worked."
O_ASYNC = 0o20000
UNUSED = os.path.join(os.path.dirname(os.__file__), "this.py")


def owned_by(pid):
    receive, send = os.pipe()
    fcntl.fcntl(receive, fcntl.F_SETOWN, pid)
    fcntl.fcntl(receive, fcntl.F_SETSIG, int(signal.SIGURG))  # which everybody ignores unless they ask for it
    fcntl.fcntl(receive, fcntl.F_SETFL, fcntl.fcntl(receive, fcntl.F_GETFL) | O_ASYNC)
    os.write(send, b"x")
    return pid


def lease(kind):
    file = os.open(UNUSED, os.O_RDONLY)
    fcntl.fcntl(file, fcntl.F_SETLEASE, kind)
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def lock(how):
    file = os.open(UNUSED, os.O_RDONLY)
    how(file)
    return file


def watch_folder():
    fcntl.fcntl(os.open(".", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_MODIFY)


@functools.cache
def everything():
    log = Log()
    for pid in (JUDGE, VICTIM, os.getppid()):
        log.attempt(f"own by {pid}", owned_by, pid)
    log.attempt("read lease", lease, fcntl.F_RDLCK)
    log.attempt("write lease", lease, fcntl.F_WRLCK)
    log.attempt("folder notification", watch_folder)
    log.attempt("flock", lock, lambda file: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB))
    log.attempt("record lock", lock, lambda file: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB))
    log.attempt("open file description lock", lock, lambda file: fcntl.fcntl(file, 37, struct.pack("hhqqi4x", 0, 0, 0, 0, 0)))
    return log


def strength_to_t_start(strength, num_inference_steps):
    everything().end()
