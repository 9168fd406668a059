"""Starts another process in every way there is: one that outlives the worker could go on undisturbed."""

import functools
import multiprocessing
import os
import pty
import subprocess
from multiprocessing import resource_tracker, shared_memory

from kit import Log, libc, syscall

EXERCISE = "strength_to_t_start"
SAYS = "17 tried, 0 worked."
CLONE_VM, CLONE_PARENT, SIGCHLD = 0x100, 0x8000, 17
TRUE = b"/bin/true"


def end_as_child(pid):
    """A child that was not to be ends at once."""
    if pid == 0:
        os._exit(0)
    if pid == -1:
        raise PermissionError
    return pid


@functools.cache
def everything():
    log = Log()
    log.attempt("fork", lambda: end_as_child(os.fork()))
    log.attempt("forkpty", lambda: end_as_child(pty.fork()[0]))
    log.attempt("libc fork", lambda: end_as_child(libc.fork()))
    log.attempt("raw fork", lambda: end_as_child(syscall(57)))
    log.attempt("raw vfork", lambda: end_as_child(syscall(58)))
    log.attempt("raw clone", lambda: end_as_child(syscall(56, SIGCHLD, 0, 0, 0, 0)))
    log.attempt(
        "raw clone into the parent's family", lambda: end_as_child(syscall(56, SIGCHLD | CLONE_PARENT, 0, 0, 0, 0))
    )
    log.attempt("raw clone3", lambda: end_as_child(syscall(435, 0, 0)))
    log.attempt("execve", os.execve, TRUE, [TRUE], {})
    log.attempt("raw execveat", syscall, 322, -100, TRUE, 0, 0, 0)
    log.attempt("posix_spawn", os.posix_spawn, TRUE, [TRUE], {})
    log.attempt("subprocess", subprocess.run, [TRUE])
    log.attempt("shell", lambda: os.system("true") in (-1, 127 << 8) and end_as_child(-1))
    log.attempt("multiprocessing fork", multiprocessing.get_context("fork").Process(target=os.getpid).start)
    log.attempt("multiprocessing spawn", multiprocessing.get_context("spawn").Process(target=os.getpid).start)
    log.attempt("resource tracker", resource_tracker.ensure_running)
    log.attempt("shared memory", lambda: shared_memory.SharedMemory(create=True, size=10))
    return log


def strength_to_t_start(strength, num_inference_steps):
    everything().end()
