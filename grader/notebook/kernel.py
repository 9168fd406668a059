"""The kernel in which whole notebooks are run: confines its own process, then is an ordinary IPython kernel.

Started as `python -I -m grader.notebook.kernel CONFINED -f CONNECTION_FILE` in its private folder. It may serve its
channels on Unix sockets in that folder, and reach nothing else: no network, no other process or program, no file beyond
Python's own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import grader
from grader.sandbox import confine, folder, messages

CONFINED, UNCONFINED = "confined", "unconfined"
MEMORY_BYTES = 4 * 2**30  # address space: torch alone maps more than one
CPU_SECONDS = 600


def main() -> None:
    """Confine this process and serve until the other end has had enough."""
    confined = sys.argv.pop(1) == CONFINED
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # a debugger would open ports
    from ipykernel.iostream import IOPubThread
    from ipykernel.kernelapp import IPKernelApp
    from IPython.core.profiledir import ProfileDir

    place = str(Path.cwd())
    sys.dont_write_bytecode = True
    tempfile.tempdir = place
    confine.die_with_parent()
    # It opens a port for the output of child processes, of which there are none.
    IOPubThread._setup_pipe_in = lambda thread: setattr(thread, "_pipe_flag", False)  # type: ignore[method-assign]
    grader.check = lambda name: print(f"{name} is not checked while the whole notebook runs.")
    ProfileDir.create_profile_dir_by_name(place, "default")  # which copies files with their modes
    app = IPKernelApp.instance()
    libraries = confine.readable()
    settings = messages.Spawn(
        source=place,
        work=place,
        confined=confined,
        readable=libraries.paths,
        listed=libraries.listed,
        memory_bytes=MEMORY_BYTES,
        file_bytes=folder.MAX_FILE_BYTES,
        cpu_seconds=CPU_SECONDS,
    )
    program = confine.seccomp_program(sockets=True) if confined else None
    confine.confine(settings, confine.landlock_abi() if confined else 0, program, sockets=True)
    app.initialize([*sys.argv[1:], "--HistoryManager.enabled=False"])
    app.start()


if __name__ == "__main__":
    main()
