"""What the judge, the fork server and the workers say to each other: one typed struct a message.

Fields of type `Any` hold value trees of `grader.sandbox.wire.values`.
"""

from __future__ import annotations

from typing import Any

import msgspec

# --- judge to fork server, and back ----------------------------------------------------------------------------


class Source(msgspec.Struct, frozen=True):
    """A workbench as the course has it: the text of its file, and what tracebacks call the file."""

    text: str
    name: str


class Equipment(msgspec.Struct, frozen=True):
    """What stands beside a submission: a workbench and its model, which `model` describes; no model for None.

    `without` names packages that are never imported, not even for the model.
    """

    workbench: Source
    model: dict[str, str] | None = None
    without: tuple[str, ...] = ()


class Equip(msgspec.Struct, tag="equip", frozen=True):
    """Run the workbench's source text and have it load its model, so that every worker has both."""

    equipment: Equipment


class Branch(msgspec.Struct, tag="branch", frozen=True):
    """Fork a server that is asked on a socket of its own, whose descriptor follows this message.

    What it gets ready, and imports for that, no worker of the server itself ever has.
    """


class Branched(msgspec.Struct, tag="branched", frozen=True):
    """The branch's process id."""

    pid: int


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """Everything is there; what this kernel offers for confinement."""

    landlock_abi: int
    seccomp: bool


class Rules(msgspec.Struct, frozen=True):
    """What a process that runs a submission may do."""

    source: str  # folder with the submission's files, readable
    work: str  # private folder, writable; the worker's current directory
    confined: bool
    readable: list[str]
    listed: list[str]  # folders whose names may be read, and not what is in them
    memory_bytes: int
    file_bytes: int
    cpu_seconds: int
    devices: list[str] = []  # what a GPU's driver reads, writes and controls
    partly: bool = False  # where it cannot be confined, apply what the kernel has: system calls, no new privileges


class Spawn(msgspec.Struct, tag="spawn", frozen=True):
    """Fork a worker; its channel's descriptor follows this message."""

    rules: Rules
    equipment: Equipment
    to_device: bool = False  # take the model to its device in the worker itself, before anything of the submission
    fresh: bool = False  # a new interpreter in the place of a fork


class Spawned(msgspec.Struct, tag="spawned", frozen=True):
    """The new worker's process id."""

    pid: int


class Reap(msgspec.Struct, tag="reap", frozen=True):
    """Wait for a worker or a branch to end by itself, at most `patience` seconds, else kill it; say how it ended."""

    pid: int
    patience: float


class Reaped(msgspec.Struct, tag="reaped", frozen=True):
    """Its wait status (as of `os.waitpid`), and whether it had to be killed, because it did not end itself."""

    status: int
    killed: bool


# --- judge to worker, and back ---------------------------------------------------------------------------------


class Load(msgspec.Struct, tag="load", frozen=True):
    """Import the files that define the submission's functions."""

    modules: dict[str, str]  # function name -> file, relative to the source folder
    forbidden: list[str]
    cpu_seconds: float
    wall_seconds: float
    many_copies: bool = False  # of each function: networks of one example may be given out again in the next


class Loaded(msgspec.Struct, tag="loaded", frozen=True):
    """The functions are there."""

    printed: str


class Call(msgspec.Struct, tag="call", frozen=True):
    """Call one of the submission's functions, or one of the workbench's readers."""

    number: int
    function: str
    arguments: list[Any]
    keywords: dict[str, Any]
    seed: int
    return_arguments: bool
    cpu_seconds: float
    wall_seconds: float
    backward: bool = False  # go back from the result (a scalar tensor with a graph) to the gradients
    reader: bool = False


class Returned(msgspec.Struct, tag="returned", frozen=True):
    """A call's result, and its arguments as they are afterwards if that was asked (else None)."""

    number: int
    result: Any
    arguments: list[Any] | None
    keywords: dict[str, Any] | None
    printed: str


class Frame(msgspec.Struct, frozen=True):
    """One line of the student's own code in a traceback."""

    file: str
    line: int
    function: str
    text: str


COMPUTING, WAITING = "computing", "waiting"  # the messages of a `Raised` that was stopped: which time was up


class Raised(msgspec.Struct, tag="raised", frozen=True):
    """A call, or loading, that ended in an exception; `error` is the exception's class name.

    `called` is False if the call's arguments could not be made. `importing` are the lines of the student's own files,
    outside of their functions, that were running, from the outermost on.
    """

    number: int
    error: str
    message: str
    frames: list[Frame]
    printed: str
    stopped: bool  # its time was up
    called: bool = True
    importing: list[tuple[str, int]] = []


class Confined(msgspec.Struct, tag="confined", frozen=True):
    """The worker's first word: its confinement, if any, is in force, and nothing of the submission has run."""


class Began(msgspec.Struct, tag="began", frozen=True):
    """The worker's second word, at the order to load: the next line that runs may be the submission's.

    The judge takes what comes before it for the grader's own, and everything after it for the submission's word.
    """


class Fault(msgspec.Struct, tag="fault", frozen=True):
    """What broke in the fork server, or in a worker before its `Began`: the grader's own fault."""

    error: str  # the exception's class name
    message: str
    traceback: str
    number: int = 0  # of an error of the operating system (`errno`)


ToForkServer = Equip | Branch | Spawn | Reap
FromForkServer = Ready | Branched | Spawned | Reaped | Fault
FromNewWorker = Confined | Began | Fault
FromWorker = Loaded | Returned | Raised
