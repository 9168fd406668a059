"""Opens sockets of every kind and reaches for the listeners that wait outside."""

import functools
import os
import socket

from facts import ABSTRACT_SOCKET, TCP_PORT, UDP_PORT, UNIX_SOCKET
from kit import Log, syscall

EXERCISE = "strength_to_t_start"
SAYS = " tried, 0 worked."
SECRET = b"hello from inside"


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.connect(address)
        client.sendall(SECRET)


def send(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(SECRET, address)


def serve(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen()


@functools.cache
def everything():
    log = Log()
    unix, internet = socket.AF_UNIX, socket.AF_INET
    for address in (UNIX_SOCKET, "\0" + ABSTRACT_SOCKET):
        log.attempt(f"connect to {address}", connect, unix, address)
    log.attempt("connect to TCP", connect, internet, ("127.0.0.1", TCP_PORT))
    log.attempt("send to UDP", send, internet, ("127.0.0.1", UDP_PORT))
    log.attempt("send to IPv6", send, socket.AF_INET6, ("::1", UDP_PORT))
    log.attempt("serve TCP", serve, internet, ("127.0.0.1", 0))
    log.attempt("serve Unix", serve, unix, "mine")
    log.attempt("serve abstract", serve, unix, "\0mine")
    for family in range(1, 46):
        for kind in (1, 2, 3, 5):
            log.attempt(f"raw socket({family}, {kind})", syscall, 41, family, kind, 0)
            log.attempt(f"raw socketpair({family}, {kind})", syscall, 53, family, kind, 0, 0)
    log.attempt("getaddrinfo", socket.getaddrinfo, "localhost.invalid", 80)
    # The one socket it has is a stream to the judge: no second one can be had from it, and no descriptor sent along.
    for name, number in dict(
        connect=42, sendto=44, sendmsg=46, recvmsg=47, bind=49, listen=50, accept=43, setsockopt=54
    ).items():
        for descriptor in range(3, 8):
            log.attempt(f"{name} on {descriptor}", syscall, number, descriptor, 0, 0, 0, 0, 0)
    log.attempt("fifo", os.mkfifo, "pipe")
    return log


def strength_to_t_start(strength, num_inference_steps):
    everything().end()
