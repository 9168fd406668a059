"""Takes from the current process everything a student's function does not need, for good.

Landlock decides which files can be opened, seccomp which system calls exist, resource limits how much of anything
can be had. None of it needs privileges, and none of it can be undone by the process itself. Kernel documentation:
https://docs.kernel.org/userspace-api/landlock.html and https://man7.org/linux/man-pages/man2/seccomp.2.html.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import importlib.util
import os
import platform
import resource
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from grader.sandbox import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grader.sandbox.wire.messages import Spawn

STRICT_LANDLOCK_ABI = 4  # the first that knows network ports
MEMORY = Path("/proc/self/statm")  # what a process has, without which no limit can be set; Linux's, if it is mounted

# --- Landlock --------------------------------------------------------------------------------------------------

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
_GPU_DEVICES = ("nvidia*", "nvidia-caps/*", "nvhost*", "nvmap", "dxg")  # of cards, of Jetsons, of Windows underneath
_HERE = Path(__file__).parents[2]  # the package, in which answers and oracles stand
_libc = ctypes.CDLL(None, use_errno=True)


class ConfinementError(Exception):
    """The kernel refused a part of the confinement."""


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def landlock_abi() -> int:
    """Return the kernel's Landlock version, 0 if there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def _restrict_files(
    abi: int,
    readable: Iterable[str],
    listed: Iterable[str],
    writable: Iterable[str],
    devices: Iterable[str],
    *,
    sockets: bool,
) -> None:
    handled = (1 << max(count for first, count in _FS_RIGHTS_BY_ABI if abi >= first)) - 1
    attributes = _RulesetAttributes(
        fs=handled,
        net=_NET_RIGHTS if abi >= STRICT_LANDLOCK_ABI else 0,
        scoped=_SCOPES if abi >= _SCOPES_ABI else 0,
    )
    ruleset = _checked(
        "Landlock ruleset",
        _libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)), 0),
    )
    writing = _READ_WRITE | (_MAKE_SOCKET if sockets else 0)
    for paths, rights in ((readable, _READ), (listed, _READ_DIR), (writable, writing), (devices, _CONTROL)):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    _checked("Landlock", _libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # what is not there needs no permission
    if not Path(path).is_dir():
        rights &= _ON_FILES
    rule = _PathBeneath(allowed=rights, parent=descriptor)
    _checked(
        "Landlock rule", _libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    )
    os.close(descriptor)


def _checked(what: str, result: int) -> int:
    if result < 0:
        raise ConfinementError(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


# --- seccomp ---------------------------------------------------------------------------------------------------

# What numerical Python needs, and nothing that reaches other processes, the network or the system.
_ALLOWED_CALLS = """
    read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range dup dup2 dup3 flock
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
# Duplicate, flags, locks, pipe sizes and seals; not those that have signals sent, or keep other processes from a file.
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1033, 1034)
_TCGETS, _TIOCGWINSZ, _FIONREAD, _FIONCLEX, _FIOCLEX = 0x5401, 0x5413, 0x541B, 0x5450, 0x5451
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
_SECCOMP_MODE_FILTER = 2
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}  # system call numbers, and the arguments that mean all threads
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_INSTRUCTION_BYTES = 8


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def seccomp_program(*, sockets: bool = False, gpu: bool = False) -> bytes | None:
    """Compile the system call filter, once for all workers; None where libseccomp or the kernel has none.

    With `sockets`, a process may serve streams on Unix sockets of its own, and connect to nobody's. With `gpu`, it also
    allows what a GPU's driver needs.
    """
    if sys.platform != "linux":
        return None
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError):
        return None
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in (*_ALLOWED_CALLS, *(_GPU_CALLS if gpu else ())):
        _rule(rules, seccomp.ALLOW, name)
    for name in _ABSENT_CALLS:
        _rule(rules, seccomp.ERRNO(errno.ENOSYS), name)
    _rule(rules, seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    _rule(rules, seccomp.ALLOW, "prlimit64", seccomp.Arg(2, seccomp.EQ, 0))  # read limits, do not set them
    for command in _FCNTL_COMMANDS:
        _rule(rules, seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for option in (_PR_SET_NAME, _PR_GET_NAME, _PR_SET_VMA):
        _rule(rules, seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for request in (_TCGETS, _TIOCGWINSZ, _FIONREAD, _FIONCLEX, _FIOCLEX):
        _rule(rules, seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    if sockets:
        for name in _SERVING_CALLS:
            _rule(rules, seccomp.ALLOW, name)
        local = seccomp.Arg(0, seccomp.EQ, socket.AF_UNIX)
        for name in ("socket", "socketpair"):
            _rule(
                rules, seccomp.ALLOW, name, local, seccomp.Arg(1, seccomp.MASKED_EQ, _SOCKET_TYPE, socket.SOCK_STREAM)
            )
        _rule(rules, seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, _FIONBIO))
        _rule(rules, seccomp.ERRNO(0), "sched_setscheduler")  # ZeroMQ ends the process if this fails: pretend
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _rule(rules: object, action: int, name: str, *arguments: object) -> None:
    try:
        rules.add_rule(action, name, *arguments)  # type: ignore[attr-defined]
    except (ValueError, OSError):
        return  # a call that this architecture does not have needs no rule: the default refuses it


def _filter_calls(program: bytes, *, all_threads: bool) -> None:
    argument = _Program(len(program) // _INSTRUCTION_BYTES, program)
    if not all_threads:
        _checked("seccomp", _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(argument), 0, 0))
        return
    number = _SECCOMP_CALL.get(platform.machine())
    if number is None:
        raise ConfinementError(f"seccomp for all threads is not known on {platform.machine()}")
    call = (_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(argument))
    if _checked("seccomp", _libc.syscall(number, *call)) > 0:
        raise ConfinementError("a thread could not be given the system call filter")


# --- capabilities and limits -----------------------------------------------------------------------------------


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def _drop_capabilities() -> None:
    # Root's permissions beyond being the owner of root's files. Dropping the bounding set needs one of them itself.
    if os.geteuid() == 0:
        for capability in range(64):
            _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = _CapabilityHeader(version=0x20080522, pid=0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked("capabilities", _libc.capset(ctypes.byref(header), ctypes.byref(nothing)))


def _limit_resources(settings: Spawn, statm: TextIO | None) -> None:
    allowed = {
        resource.RLIMIT_CPU: settings.cpu_seconds,
        resource.RLIMIT_FSIZE: settings.file_bytes,
        resource.RLIMIT_NOFILE: limits.MAX_OPEN_FILES + (limits.MAX_GPU_FILES if settings.devices else 0),
        resource.RLIMIT_CORE: 0,
    }
    if statm is not None:
        allowed[resource.RLIMIT_AS] = int(statm.read().split()[0]) * resource.getpagesize() + settings.memory_bytes
        allowed[resource.RLIMIT_MSGQUEUE] = 0
        if not settings.devices:  # a driver pins memory for what goes to the GPU
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
        _libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


class Readable(NamedTuple):
    """What a worker may read: files and whole folders, and folders of which it may know no more than the names."""

    paths: list[str]
    listed: list[str]


@functools.cache
def readable(forbidden: tuple[str, ...] = ()) -> Readable:
    """Return what a worker may read: Python, its packages, and what numerical libraries ask of the system.

    Left out are this package and the files of the modules that are `forbidden`.
    """
    hidden = {os.path.realpath(_HERE), *(str(place) for module in forbidden for place in _places_of(module))}
    found = Readable([], [])
    for path in _libraries():
        _add(found, os.path.realpath(path), hidden)
    return found


def _add(found: Readable, path: str, hidden: set[str]) -> None:
    """Add a path to what may be read, without those hidden in it; a folder that holds some is added entry by entry."""
    if path in found.listed or any(_lies_in(path, each) for each in hidden):
        return
    if not _holds_any(path, hidden):
        found.paths.append(path)
        return
    found.listed.append(path)
    for entry in os.scandir(path):
        target = os.path.realpath(entry.path)
        if not (entry.is_symlink() and _holds_any(target, hidden)):  # a link to a folder around this one opens nothing
            _add(found, target, hidden)


def _holds_any(folder: str, paths: set[str]) -> bool:
    return any(_lies_in(path, folder) for path in paths)


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _places_of(module: str) -> list[Path]:
    """Return the folder or the files that a module is imported from, without importing it; none if there are none."""
    top, *inner = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        return []
    place = Path(os.path.realpath(spec.origin))
    if spec.submodule_search_locations is not None:
        place = place.parent.joinpath(*inner)
    if place.is_dir():
        return [place]
    return [place.with_suffix(".py"), *(place.parent / "__pycache__").glob(f"{place.stem}.*.pyc")]


def _libraries() -> list[str]:
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), Path(sys.base_exec_prefix)}
    libraries = {str(prefix / name) for prefix in prefixes for name in ("lib", "lib64")}
    packages = {
        entry for entry in sys.path if entry and Path(entry).is_absolute() and Path(entry).name.endswith("-packages")
    }
    system = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"}
    devices = {"/dev/null", "/dev/zero", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"}
    return sorted(libraries | packages | system | devices)


def gpu_paths() -> list[str]:
    """Return what CUDA reads, writes and controls: the driver's devices, and what it says of itself and the machine."""
    devices = {str(path) for pattern in _GPU_DEVICES for path in Path("/dev").glob(pattern)}
    driver = {"/proc/self", "/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/proc/sys/vm", "/proc/sys/kernel"}
    system = {"/sys/devices", "/sys/bus/pci", "/sys/module", "/sys/class/drm", "/etc/nvidia", "/usr/share/nvidia"}
    libraries = {"/usr/lib/wsl", "/usr/local/cuda", "/opt/cuda", *map(str, Path("/usr/local").glob("cuda-*"))}
    return sorted(devices | driver | system | libraries)


def confine(
    settings: Spawn,
    abi: int,
    program: bytes | None,
    last_steps: Callable[[], None] = lambda: None,
    *,
    sockets: bool = False,
) -> None:
    """Confine this process for good; raise `ConfinementError` if the kernel refuses a part.

    With `sockets` it may make Unix sockets in its folder, which the program must allow too.

    With `settings.confined` all of it applies, and the caller has made sure that `abi` and `program` are there; without
    it, only the resource limits do.

    `last_steps` sets up a GPU, if there is one to be used: after files are out of reach, which holds for the threads
    that a driver starts as well, and before system calls are, of which setting up needs more than computing. Memory is
    limited after it, because a driver reserves more addresses than there is memory.
    """
    # Opened now: it may be out of reach when it is read.
    statm = MEMORY.open(encoding="ascii") if MEMORY.exists() else None
    if settings.confined:
        if program is None or abi < STRICT_LANDLOCK_ABI or statm is None:
            raise ConfinementError("Landlock, seccomp or /proc is missing")
        if settings.devices:
            program = seccomp_program(gpu=True) or program
        _checked("no new privileges", _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _drop_capabilities()
        paths = [*settings.readable, settings.source]
        paths += [path for path in settings.devices if not path.startswith("/dev/")]
        devices = [path for path in settings.devices if path.startswith("/dev/")]
        _restrict_files(abi, paths, settings.listed, [settings.work, "/dev/null"], devices, sockets=sockets)
    last_steps()
    _limit_resources(settings, statm)
    if statm is not None:
        statm.close()
    if settings.confined and program is not None:
        _filter_calls(program, all_threads=bool(settings.last_steps))
