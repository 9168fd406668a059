"""What an attacker brings along: a log of what worked, raw system calls, and the worker's own channel to the judge."""

import ctypes
import errno
import os
import sys

REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Log:
    """Tries things and remembers what worked; whatever the sandbox refuses ends in an `OSError`."""

    def __init__(self):
        self.tried = 0
        self.leaks = []

    def attempt(self, what, action, *arguments):
        """Run one action of the attack; its failing in any way but an `OSError` is a mistake of the attack itself."""
        self.tried += 1
        try:
            found = action(*arguments)
        except OSError:
            return
        self.leaks.append(f"LEAK:{what}: {str(found)[:100]}")

    def end(self):
        """Hand the log to the judge, as the text of an exception."""
        raise RuntimeError(" ".join([f"{self.tried} tried, {len(self.leaks)} worked.", *self.leaks]))


def syscall(number, *arguments):
    """Make a system call by its number on x86_64; one that reaches the kernel counts as a success, whatever it says."""
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if result != -1:
        return result
    code = ctypes.get_errno()
    if code in REFUSALS:
        raise OSError(code, os.strerror(code))
    return f"reached the kernel: {os.strerror(code)}"


def call():
    """Return the judge's question, from the frames of the worker that is calling us."""
    return _from_the_stack("call", "number")


def channel():
    """Return the descriptor on which the worker answers the judge."""
    return _from_the_stack("self", "_channel")._channel


def _from_the_stack(name, attribute):
    frame = sys._getframe()
    while frame is not None:
        if hasattr(frame.f_locals.get(name), attribute):
            return frame.f_locals[name]
        frame = frame.f_back
    raise LookupError(name)


def say(data):
    """Write bytes to the judge, past the worker."""
    data, to = memoryview(data), channel()
    while data:
        data = data[os.write(to, data) :]


def say_message(message, *buffers):
    """Write a well-formed frame to the judge, past the worker, and end before the worker can say anything itself."""
    from grader.sandbox.wire import frames

    say(frames.encode_frame(message, list(buffers)))
    os._exit(0)


def say_result(*, result=None, arguments=None, buffers=()):
    """Answer the judge's question with any tree of values."""
    from grader.sandbox.wire import messages

    say_message(messages.Returned(call().number, result, arguments, {}, ""), *buffers)


def say_structure(result):
    """Answer with any MessagePack bytes where the result belongs."""
    import msgspec

    from grader.sandbox.wire import frames, messages

    whole = msgspec.msgpack.encode(messages.Returned(call().number, "HERE", [], {}, ""))
    whole = whole.replace(b"\xa4HERE", result)
    say(frames._HEADER.pack(b"grd1", len(whole), 0) + whole)
    os._exit(0)


def forever():
    """Use CPU time until somebody else ends it: switches the worker's own alarms off first."""
    import signal

    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        signal.setitimer(timer, 0)
    while True:
        pass
