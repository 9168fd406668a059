"""Serves the marking page to this machine until Ctrl-C."""

from __future__ import annotations

import contextlib
import secrets
import socket
from typing import TYPE_CHECKING

from grader.classroom.gradebook import Gradebook
from grader.distribution import requirement
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.model import Course

_LOCK_SECONDS = 10.0  # a person waits: after that, a page says that nothing was saved
_SECONDS_TO_END = 3


def serve(
    course: Course,
    gradebook: str,
    say: Callable[[str], None],
    *,
    port: int = 0,
    author: str = "",
    names: Sequence[str] = (),
) -> None:
    """Serve the page until Ctrl-C; `say` is given its address.

    Args:
        course: The course.
        gradebook: The file of the gradebook, or its address.
        say: What takes sentences for the person who started this.
        port: A port of this machine, 0 for any that is free.
        author: Who decides; whoever runs this if it is "".
        names: Lessons and exercises to mark; all if there are none.

    Raises:
        UsageError: the extra `marking` is not installed, the gradebook cannot be used or is another course's, or the
            port is taken.
    """
    try:
        import uvicorn

        from grader.classroom.marking.app import application
    except ImportError as error:
        raise UsageError(f"The marking page needs the extra `marking`: pip install {requirement('marking')}") from error

    opened = Gradebook.open(gradebook, course.name, lock_seconds=_LOCK_SECONDS, to_write=True)
    with contextlib.closing(opened) as book, _listening(port) as door:
        token = secrets.token_urlsafe(24)
        app = application(course, book, token, author, names)
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none",
                timeout_graceful_shutdown=_SECONDS_TO_END,
            )
        )  # fmt: skip
        say(f"http://127.0.0.1:{door.getsockname()[1]}/?token={token}")
        say("Open this address in a browser on this machine. Ctrl-C ends it; what was saved stays saved.")
        with contextlib.suppress(KeyboardInterrupt):  # which uvicorn raises again after it has ended
            server.run(sockets=[door])
    say(f"Ended. Everything that was saved is in {book.shown}.")


def _listening(port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen()  # whoever opens the address at once waits, and is not refused
    except (OSError, OverflowError) as error:
        door.close()
        raise UsageError(f"Port {port} cannot be used ({error}): give another --port, or none.") from error
    return door
