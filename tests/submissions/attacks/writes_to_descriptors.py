"""Writes an order for the fork server to every descriptor it has, and looks for those of others."""

import functools
import os

from facts import JUDGE
from kit import Log, channel

from grader.sandbox.wire import frames, messages

EXERCISE = "strength_to_t_start"
SAYS = " tried, 0 worked."
ORDER = frames.encode_frame(messages.Reap(os.getpid(), 0.0), [])


def is_nothing(descriptor):
    return os.path.samestat(os.fstat(descriptor), os.stat("/dev/null"))


def write(descriptor):
    if descriptor == channel() or is_nothing(descriptor):
        raise PermissionError
    return os.write(descriptor, ORDER)


def open_of(pid, descriptor):
    opened = os.open(f"/proc/{pid}/fd/{descriptor}", os.O_RDWR)
    if is_nothing(opened):
        raise PermissionError
    return opened


@functools.cache
def everything():
    log = Log()
    for descriptor in range(1024):
        log.attempt(f"write to {descriptor}", write, descriptor)
    for pid in ("self", "thread-self", os.getppid(), JUDGE):
        log.attempt(f"list the descriptors of {pid}", os.listdir, f"/proc/{pid}/fd")
        for descriptor in range(8):
            log.attempt(f"open {descriptor} of {pid}", open_of, pid, descriptor)
    return log


def strength_to_t_start(strength, num_inference_steps):
    everything().end()
