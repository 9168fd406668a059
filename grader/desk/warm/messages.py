"""What a client and a warm judge say to each other: frames of `grader.sandbox.wire.frames`, one message each.

A connection is one question: the client says `Ask`, with the request as the frame's buffer, and may hang up at any
time. The judge says `Alive` now and then, `Finished` for every check, and at last one of the others.
"""

from __future__ import annotations

import msgspec

from grader.locating.located import Located


class Ask(msgspec.Struct, tag="ask", frozen=True):
    """Judge what the frame's buffer asks, a `Request` as MessagePack; `key` is what only this user can read."""

    key: str


class Alive(msgspec.Struct, tag="alive", frozen=True):
    """The judge is there: it is getting ready, answers somebody else, or computes."""


class Begun(msgspec.Struct, tag="begun", frozen=True):
    """It is this question's turn; so many checks will be run."""

    checks: int


class Finished(msgspec.Struct, tag="finished", frozen=True):
    """A check of an exercise has ended."""

    exercise: str


class Judged(msgspec.Struct, tag="judged", frozen=True):
    """The verdict is the frame's buffer, as JSON."""


class Debugged(msgspec.Struct, tag="debugged", frozen=True):
    """The smallest failing input is written: the script's path, and the title of the check that fails on it."""

    path: str
    title: str


class Refused(msgspec.Struct, tag="refused", frozen=True):
    """The person at the keyboard can fix it: the sentence of a `UsageError`."""

    sentence: str


class Broke(msgspec.Struct, tag="broke", frozen=True):
    """The grader broke."""

    sentence: str


class Stale(msgspec.Struct, tag="stale", frozen=True):
    """The tool or the course has changed since this judge was started: it ends, ask another one."""


FromJudge = Alive | Begun | Finished | Judged | Debugged | Located | Refused | Broke | Stale
