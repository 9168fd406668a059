"""The process of a warm judge: `python -I -m grader.desk.warm.server ROOT FOLDER NAME PIPE [owned]`.

It listens before it imports anything heavy, and closes PIPE then. It ends after some idle minutes, when the course or
the tool has changed, when its place is gone or, if it is owned, when its standard input is closed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import secrets
import select
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from grader import faults
from grader.desk.warm import messages
from grader.desk.warm.connections import Connections
from grader.desk.warm.place import Place, is_private
from grader.desk.warm.stamps import stamp
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.desk.warm.connections import Question
    from grader.desk.warm.judge import KeptJudge

IDLE_SECONDS = 15 * 60.0
_UNASKED_SECONDS = 0.5  # a judge that was started to be asked gets its question at once


def main() -> None:
    """Be the one judge of a place, or end at once if there is one."""
    root, place = Path(sys.argv[1]), Place(Path(sys.argv[2]), sys.argv[3])
    pipe, owned = int(sys.argv[4]), sys.argv[5:] == ["owned"]
    if not owned and os.fork():  # it has no parent then that would have to wait for its end
        os._exit(0)
    os.umask(0o077)
    with open(pipe, "wb") as until_it_listens, contextlib.ExitStack() as opened:
        if not is_private(place.folder):
            return
        try:
            listener, key = opened.enter_context(listening(place))
        except BlockingIOError:  # another judge has the lock
            return
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's to handle
        before = stamp(root)
        until_it_listens.close()
        stale = _serve(root, place, listener, key, before, owned=owned)
    if stale is not None:  # and this place is free: whoever is told asks another judge
        stale.dismiss()
    if owned and select.select([0], [], [], 0)[0]:  # nothing is ever written there: the owner is gone, perhaps killed
        shutil.rmtree(place.folder, ignore_errors=True)


@contextlib.contextmanager
def listening(place: Place) -> Iterator[tuple[socket.socket, str]]:
    """Yield a socket that listens, and the key; raise `BlockingIOError` if another judge has this place."""
    with place.lock.open("ab") as lock, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        key = secrets.token_hex(32)
        for leftover in (place.socket, place.key):
            leftover.unlink(missing_ok=True)
        place.key.touch(mode=0o600)
        place.key.write_text(key, encoding="ascii")
        listener.bind(str(place.socket))
        listener.listen()
        try:
            yield listener, key
        finally:
            for file in (place.socket, place.key):
                file.unlink(missing_ok=True)


def _serve(
    root: Path, place: Place, listener: socket.socket, key: str, before: str, *, owned: bool
) -> Connections | None:
    """Answer until it is time to end; return the connections that another judge must answer, None if there are none."""
    from grader.desk.warm.judge import KeptJudge

    judge = KeptJudge(root)
    connections = Connections(listener, key, IDLE_SECONDS, judge.leave)
    mine = place.socket.lstat().st_ino
    connections.may_go_on = lambda: root.is_dir() and _is_at(place, mine)
    if owned:
        threading.Thread(target=_end_with_owner, args=(connections,), daemon=True).start()
    with contextlib.closing(judge):
        for question in _questions(connections, judge):
            if stamp(root) != before:
                return connections
            with connections.answering(question):
                _answer(judge, question)
            judge.forget()  # nobody waits for that
    return None


def _questions(connections: Connections, judge: KeptJudge) -> Iterator[Question]:
    """Yield what is asked, until it is time to end; a judge that nobody asks anything gets ready on its own."""
    seconds: float | None = _UNASKED_SECONDS
    while True:
        try:
            question = connections.next(seconds)
        except queue.Empty:
            with contextlib.suppress(Exception):  # whoever asks will hear of it
                judge.get_ready()
            seconds = None
            continue
        seconds = None
        if question is None:
            return
        yield question


def _answer(judge: KeptJudge, question: Question) -> None:
    from grader.results import to_json

    if question.gone:
        return
    try:
        if question.asked.debug is not None:
            question.say(judge.debugged(question.asked, question.say))
        elif question.asked.locate is not None:
            question.say(judge.located(question.asked, question.say))
        else:
            verdict = judge.verdict(question.asked, question.say)
            question.say(messages.Judged(), to_json(verdict, indent=0).encode())
    except KeyboardInterrupt:  # the client has left
        return
    except UsageError as error:
        question.say(messages.Refused(str(error)))
    except Exception as error:
        faults.show(error)
        question.say(messages.Broke(faults.reason(error)))


def _is_at(place: Place, inode: int) -> bool:
    try:
        return place.socket.lstat().st_ino == inode
    except OSError:
        return False


def _end_with_owner(connections: Connections) -> None:
    while os.read(0, 1):
        pass
    connections.end()


if __name__ == "__main__":
    main()
