"""The kernel in which whole notebooks are run: confines its own process, then is an ordinary IPython kernel.

Started as `python -I -m grader.notebook.kernel CONFINED -f CONNECTION_FILE` in its private folder. It may serve its
channels on Unix sockets in that folder, and reach nothing else: no network, no other process or program, no file beyond
Python's own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import grader
from grader.notebook import setting_up
from grader.sandbox import limits
from grader.sandbox.inside import confinement, landlock, seccomp
from grader.sandbox.inside.readable import readable
from grader.sandbox.wire import messages

CONFINED, UNCONFINED = "confined", "unconfined"


def _output_thread(socket: Any, **settings: Any) -> Any:
    """Return the thread through which a kernel sends what cells show, without its port for the output of children."""
    from ipykernel.iostream import IOPubThread

    return IOPubThread(socket, **{**settings, "pipe": False})


def _stand_in() -> None:
    """Leave nothing to do for cells that set up, check or pack: only the notebook's own code is under test."""

    def said(name: str = "") -> None:
        print(f"{name} is not checked while the whole notebook runs.")

    def nothing(lesson: str = "") -> None:
        del lesson

    for module, name, function in (
        (grader, "check", said),
        (grader, "check_all", said),
        (grader, "handin", nothing),
        (setting_up, "ready", nothing),
    ):
        setattr(module, name, function)


def main() -> None:
    """Confine this process and serve until the other end closes."""
    confined = sys.argv.pop(1) == CONFINED
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # a debugger would open ports
    from ipykernel import kernelapp
    from IPython.core.profiledir import ProfileDir

    place = str(Path.cwd())
    sys.dont_write_bytecode = True
    tempfile.tempdir = place
    confinement.die_with_parent()
    kernelapp.IOPubThread = _output_thread  # type: ignore[assignment,attr-defined]
    _stand_in()
    ProfileDir.create_profile_dir_by_name(place, "default")  # it copies files with their modes
    app = kernelapp.IPKernelApp.instance()
    libraries = readable()
    rules = messages.Rules(
        source=place,
        work=place,
        confined=confined,
        readable=libraries.paths,
        listed=libraries.listed,
        memory_bytes=limits.NOTEBOOK_MEMORY_BYTES,
        file_bytes=limits.MAX_FILE_BYTES,
        cpu_seconds=limits.NOTEBOOK_SECONDS,
    )
    program = seccomp.compile_filter(sockets=True) if confined else None
    confinement.confine(rules, landlock.supported_abi() if confined else 0, program, sockets=True)
    app.initialize([*sys.argv[1:], "--HistoryManager.enabled=False"])
    app.start()


if __name__ == "__main__":
    main()
