"""Changes what it may not: new files in every folder, and every change that can be made to a file or its name."""

import functools
import os

from facts import COURSE, OUTSIDE, OUTSIDE_FILE, PROJECT
from kit import Log, syscall

EXERCISE = "strength_to_t_start"
SAYS = " tried, 0 worked."


def create(folder):
    os.close(os.open(f"{folder}/attack-was-here", os.O_CREAT | os.O_WRONLY))
    return folder


def open_to_write(path):
    os.close(os.open(path, os.O_WRONLY))
    return path


def touch(path):
    status = os.stat(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def same_mode(path):
    os.chmod(path, os.stat(path).st_mode)


@functools.cache
def everything():
    log = Log()
    new = f"{OUTSIDE}/attack-was-here"
    for folder in (PROJECT, OUTSIDE, "/tmp", "/dev/shm", "/var/tmp", "/run", "..", "../source"):
        log.attempt(f"create in {folder}", create, folder)
    for path in (*COURSE, OUTSIDE_FILE, __file__, "/proc/self/oom_score_adj", "/proc/self/comm"):
        log.attempt(f"write to {path}", open_to_write, path)
    for path in (*COURSE, OUTSIDE_FILE, "."):
        log.attempt(f"utime of {path}", touch, path)
        log.attempt(f"chmod of {path}", same_mode, path)
    log.attempt("truncate", os.truncate, OUTSIDE_FILE, 0)
    log.attempt("unlink", os.unlink, OUTSIDE_FILE)
    log.attempt("rename out of it", os.rename, OUTSIDE_FILE, "mine")
    log.attempt("rename into it", lambda: (create("."), os.rename("attack-was-here", new)))
    log.attempt("mkdir", os.mkdir, new)
    log.attempt("rmdir", os.rmdir, OUTSIDE)
    log.attempt("link", os.link, OUTSIDE_FILE, "linked")
    log.attempt("symlink", os.symlink, OUTSIDE_FILE, "symbolic")
    log.attempt("mkfifo", os.mkfifo, "pipe")
    log.attempt("mknod", os.mknod, "device", 0o020666, os.makedev(1, 1))
    log.attempt("chown", os.chown, ".", 1, 1)
    log.attempt("setxattr", os.setxattr, ".", "user.a", b"a")
    log.attempt("chmod of the private folder", syscall, 90, b".", 0o777)
    return log


def strength_to_t_start(strength, num_inference_steps):
    everything().end()
