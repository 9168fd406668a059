"""Grades many small hand-ins by `grade batch`, and measures seconds and the memory of the process that has the gradebook."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from helpers.course_factory import make_course, write_files

GRADE = str(Path(sys.executable).with_name("grade"))
_LOOK_SECONDS = 0.25
_MEGABYTE = 1e6


class Measured(NamedTuple):
    """Seconds of a run in all, and megabytes of resident memory at each quarter of it."""

    seconds: float
    quarters: tuple[float, ...]


class ManyHandIns:
    """A course with one cheap exercise, and hand-ins that all differ."""

    def __init__(self, root: Path, count: int) -> None:
        self.count = count
        self._root = root
        self._course = make_course(root / "course")
        self._runs = 0
        self._write(root / "handins", count)
        self._write(root / "one", 1)

    def graded(self, *options: str) -> Measured:
        """Grade all of them into a gradebook of their own."""
        return self._run("../handins", *options)

    def begun(self, *options: str) -> float:
        """Return the seconds that a run takes with one hand-in: what is the same for any class."""
        return self._run("../one", *options).seconds

    def _write(self, folder: Path, count: int) -> None:
        handins = {
            f"student{number:05}.py": f"def double(number):\n    return 2 * number  # {number}\n"
            for number in range(count)
        }
        write_files(folder, handins)

    def _run(self, handins: str, *options: str) -> Measured:
        self._runs += 1
        command = [GRADE, "batch", handins, "--gradebook", f"{self._runs}.sqlite", *options]
        began = time.perf_counter()
        with subprocess.Popen(command, cwd=self._course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            process, memory = psutil.Process(run.pid), []
            while run.poll() is None:
                if resident := process.memory_info().rss:  # 0 of one that has just ended
                    memory.append(resident / _MEGABYTE)
                try:
                    run.wait(_LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        if run.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {run.returncode}.")
        seconds = time.perf_counter() - began
        quarters = tuple(memory[max(0, len(memory) * quarter // 4 - 1)] for quarter in range(1, 5))
        return Measured(seconds, quarters)
