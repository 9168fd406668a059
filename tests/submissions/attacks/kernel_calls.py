"""Makes system calls by number that reach other processes, the system, or past the sandbox; all of them harmlessly."""

import functools

from facts import JUDGE, VICTIM
from kit import Log, os, syscall

EXERCISE = "combine_masked"
SAYS = " tried, 0 worked."
EVERYBODY = -1

# With arguments that do nothing if the call goes through; a call that is refused for its arguments went through, too.
CALLS = {
    "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "msgget": 68, "msgsnd": 69, "ptrace": 101,
    "setuid": 105, "setgid": 106, "setpgid": 109, "setsid": 112, "setreuid": 113, "setgroups": 116, "setresuid": 117,
    "setfsuid": 122, "capset": 126, "rt_sigqueueinfo": 129, "personality": 135, "setpriority": 141,
    "sched_setparam": 142, "sched_setscheduler": 144, "mlock": 149, "mlockall": 151, "vhangup": 153, "modify_ldt": 154,
    "pivot_root": 155, "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "sethostname": 170, "iopl": 172,
    "ioperm": 173, "init_module": 175, "delete_module": 176, "quotactl": 179, "readahead": 187, "timer_create": 222,
    "mbind": 237, "mq_open": 240, "waitid": 247, "add_key": 248, "request_key": 249, "keyctl": 250,
    "ioprio_set": 251, "inotify_init": 253, "migrate_pages": 256, "unshare": 272, "splice": 275, "tee": 276,
    "vmsplice": 278, "move_pages": 279, "signalfd": 282, "timerfd_create": 283, "signalfd4": 289,
    "rt_tgsigqueueinfo": 297, "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "kcmp": 312, "finit_module": 313, "sched_setattr": 314, "seccomp": 317, "memfd_create": 319,
    "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "pkey_mprotect": 329, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "openat2": 437, "process_madvise": 440, "mount_setattr": 442,
    "landlock_create_ruleset": 444, "memfd_secret": 447, "process_mrelease": 448,
}  # fmt: skip


@functools.cache
def everything():
    log = Log()
    for name, number in CALLS.items():
        log.attempt(name, syscall, number, -1, -1, -1, -1, -1, -1)
    log.attempt("unshare nothing", syscall, 272, 0)
    for pid in (JUDGE, VICTIM, os.getppid(), EVERYBODY, 0, 1):
        log.attempt(f"kill {pid}", syscall, 62, pid, 0)
        log.attempt(f"tkill {pid}", syscall, 200, pid, 0)
        log.attempt(f"tgkill {pid}", syscall, 234, pid, pid, 0)
        log.attempt(f"pidfd_open {pid}", syscall, 434, pid, 0)
        log.attempt(f"pidfd_send_signal {pid}", syscall, 424, pid, 0, 0, 0)
        log.attempt(f"pidfd_getfd {pid}", syscall, 438, pid, 0, 0)
        log.attempt(f"ptrace {pid}", syscall, 101, 16, pid, 0, 0)
        log.attempt(f"set a limit of {pid}", syscall, 302, max(pid, 0), 7, b"\0" * 16, 0)
    for option in (1, 4, 8, 10, 22, 23, 24, 26, 28, 31, 35, 36, 38, 47, 52, 59):  # of prctl
        log.attempt(f"prctl {option}", syscall, 157, option, -1, -1, -1, -1)
    for request in (0x5412, 0x540E, 0x5422, 0x8901, 0x8927, 0x40045436):  # of ioctl: TIOCSTI, TIOCSCTTY, TIOCNOTTY, ...
        log.attempt(f"ioctl {request:#x}", syscall, 16, 0, request, 0)
    return log


def combine_masked(mask, denoised, original):
    everything().end()
