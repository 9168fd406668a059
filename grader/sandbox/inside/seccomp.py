"""Seccomp decides which system calls a process can make: https://man7.org/linux/man-pages/man2/seccomp.2.html."""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import sys
import tempfile

from grader.sandbox.inside.libc import ConfinementError, checked, libc

# What numerical Python needs, and nothing that reaches other processes, the network or the system.
_ALLOWED_CALLS = """
    read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range dup dup2 dup3
    open openat stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 truncate ftruncate fallocate fsync fdatasync
    getdents getdents64 getcwd chdir fchdir readlink readlinkat umask copy_file_range sendfile fadvise64
    mmap munmap mprotect mremap madvise mincore brk membarrier get_mempolicy
    futex futex_waitv set_robust_list get_robust_list rseq set_tid_address exit exit_group restart_syscall
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack pause setitimer getitimer alarm
    sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
    nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times getrusage getrlimit
    getpid gettid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid
    uname sysinfo getrandom getcpu arch_prctl poll ppoll select pselect6
    epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd eventfd2 pipe pipe2
""".split()
# What a process adds that is to be reached by others: nothing of it reaches out, as `connect` is missing.
_SERVING_CALLS = """
    bind listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt recvfrom recvmsg sendto sendmsg
""".split()
_SOCKET_TYPE, _FIONBIO = 0xF, 0x5421
# What a GPU's driver needs beyond. Which devices may be controlled, Landlock says (from ABI 5 on); no other is open.
_GPU_CALLS = ("ioctl", "mlock", "mlock2", "munlock", "mbind", "set_mempolicy")
# glibc tries these first and falls back to what can be filtered by its arguments, or to nothing, on ENOSYS.
_ABSENT_CALLS = ("clone3", "openat2", "memfd_create", "io_uring_setup")
_CLONE_THREAD = 0x10000
_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA = 15, 16, 0x53564D41
# Duplicate, flags, pipe sizes and seals; not those that have signals sent, or keep other processes from a file (locks
# and leases: files of libraries and of a model are shared by all workers).
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030, 1031, 1032, 1033, 1034)
_TCGETS, _TIOCGWINSZ, _FIONREAD, _FIONCLEX, _FIOCLEX = 0x5401, 0x5413, 0x541B, 0x5450, 0x5451
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}  # system call numbers, and the arguments that mean all threads
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_INSTRUCTION_BYTES = 8


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def compile_filter(*, sockets: bool = False, gpu: bool = False) -> bytes | None:
    """Compile the system call filter, once for all workers; None where libseccomp or the kernel has none.

    With `sockets`, a process may serve streams on Unix sockets of its own, and connect to nobody's. With `gpu`, it also
    allows what a GPU's driver needs.
    """
    if sys.platform != "linux":
        return None
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):
        return None
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    for name in (*_ALLOWED_CALLS, *(_GPU_CALLS if gpu else ())):
        _rule(rules, pyseccomp.ALLOW, name)
    for name in _ABSENT_CALLS:
        _rule(rules, pyseccomp.ERRNO(errno.ENOSYS), name)
    _rule(rules, pyseccomp.ALLOW, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    _rule(rules, pyseccomp.ALLOW, "prlimit64", pyseccomp.Arg(2, pyseccomp.EQ, 0))  # read limits, do not set them
    for command in _FCNTL_COMMANDS:
        _rule(rules, pyseccomp.ALLOW, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    for option in (_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA):
        _rule(rules, pyseccomp.ALLOW, "prctl", pyseccomp.Arg(0, pyseccomp.EQ, option))
    for request in (_TCGETS, _TIOCGWINSZ, _FIONREAD, _FIONCLEX, _FIOCLEX):
        _rule(rules, pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, request))
    if sockets:
        for name in _SERVING_CALLS:
            _rule(rules, pyseccomp.ALLOW, name)
        local = pyseccomp.Arg(0, pyseccomp.EQ, socket.AF_UNIX)
        for name in ("socket", "socketpair"):
            _rule(
                rules,
                pyseccomp.ALLOW,
                name,
                local,
                pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _SOCKET_TYPE, socket.SOCK_STREAM),
            )
        _rule(rules, pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, _FIONBIO))
        _rule(rules, pyseccomp.ERRNO(0), "sched_setscheduler")  # ZeroMQ ends the process if this fails: pretend
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _rule(rules: object, action: int, name: str, *arguments: object) -> None:
    try:
        rules.add_rule(action, name, *arguments)  # type: ignore[attr-defined]
    except (ValueError, OSError):
        return  # a call that this architecture does not have needs no rule: the default refuses it


def filter_calls(program: bytes, *, all_threads: bool) -> None:
    """Put a filter in force for this thread and those it starts from now on, or for all threads of the process."""
    argument = _Program(len(program) // _INSTRUCTION_BYTES, program)
    if not all_threads:
        checked("seccomp", libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(argument), 0, 0))
        return
    number = _SECCOMP_CALL.get(platform.machine())
    if number is None:
        raise ConfinementError(f"seccomp for all threads is not known on {platform.machine()}")
    call = (_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(argument))
    if checked("seccomp", libc.syscall(number, *call)) > 0:
        raise ConfinementError("a thread could not be given the system call filter")
