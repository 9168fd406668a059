"""Measures what people at a desk wait for, as ratios to imports in the same run."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.desk.judges import StayingJudge
from grader.desk.listing import listing
from grader.desk.warm.place import shared_place
from grader.desk.watching.screen import Screen
from grader.desk.watching.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[1]
GRADE = str(Path(sys.executable).with_name("grade"))
TENSOR, MODEL = "sampling_and_generation/reverse_step", "from_pixels_to_latents/decode_latents"
TORCH, LIGHT = "import torch", "import typer, rich.table"


def solution(course: Path, key: str) -> str:
    """Return the text of a solution, as a student would save it."""
    return (course / "reference" / key / "solution.py").read_text()


def commands(course: Path, environment: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Yield what each command took, once."""

    def seconds(*command: str) -> float:
        started = time.perf_counter()
        subprocess.run(command, cwd=course, env=environment, capture_output=True, check=True)
        return time.perf_counter() - started

    yield TORCH, seconds(sys.executable, "-c", TORCH)
    yield LIGHT, seconds(sys.executable, "-c", LIGHT)
    yield "grade --help", seconds(GRADE, "--help")
    yield "grade list", seconds(GRADE, "list")
    yield "without a judge that stays", seconds(GRADE, "reverse_step", "--no-daemon")
    end_judge(course)
    yield "first verdict", seconds(GRADE, "reverse_step")
    yield "second verdict", seconds(GRADE, "reverse_step")


def end_judge(course: Path) -> None:
    """Take the judge's socket away, and wait for the judge to end."""
    place = shared_place(course)
    assert place is not None
    place.socket.unlink(missing_ok=True)
    with place.lock.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # it holds this as long as it lives


def saves(course: Path, rounds: int) -> Iterator[tuple[str, float]]:
    """Yield how long after a save its verdict is there, of an exercise on tensors and of one on the model."""
    verdicts: queue.Queue[float] = queue.Queue()
    screen = Screen(lambda _: None, lambda _: None, lambda _: verdicts.put(time.perf_counter()), str, listing, "", "")
    judge = StayingJudge(course)
    watch = Watch(course, [], judge, screen)
    threading.Thread(target=watch.run, daemon=True).start()
    first = course / "exercises" / f"{TENSOR}.py"
    for number in itertools.count():  # until somebody watches
        first.write_text(f"{solution(course, TENSOR)}# first {number}\n")
        with contextlib.suppress(queue.Empty):
            verdicts.get(timeout=30)
            break
    for name, key in (("watch, tensor", TENSOR), ("watch, model", MODEL)):
        stub = course / "exercises" / f"{key}.py"
        for number in range(rounds + 1):
            time.sleep(0.3)  # nobody saves twice at once
            started = time.perf_counter()
            stub.write_text(f"{solution(course, key)}# {number}\n")
            took = verdicts.get() - started
            if number:  # the first one gets the model ready
                yield name, took
    watch.pressed("q")


def main() -> None:
    """Print the medians and their ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # judges of its own
        course = Path(folder) / "course"
        for part in ("exercises", "reference", "rubrics"):
            shutil.copytree(PROJECT / part, course / part)
        (course / "exercises" / f"{TENSOR}.py").write_text(solution(course, TENSOR))
        environment = {name: value for name, value in os.environ.items() if name not in ("CI", "GRADE_DAEMON")}
        taken: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, seconds in commands(course, environment):
                taken.setdefault(name, []).append(seconds)
        for name, seconds in saves(course, rounds):
            taken.setdefault(name, []).append(seconds)
        end_judge(course)
    median = {name: statistics.median(times) for name, times in taken.items()}
    print(f"{'':28}{'seconds':>9}{'x ' + TORCH:>16}{'x ' + LIGHT:>28}")
    for name, value in median.items():
        print(f"{name:28}{value:9.3f}{value / median[TORCH]:16.2f}{value / median[LIGHT]:28.2f}")


if __name__ == "__main__":
    main()
