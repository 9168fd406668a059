"""Measures, side by side in one run, what people wait for; prints ratios, because seconds are the machine's.

Every round times each command once, in turn, so that a machine that slows down slows them all.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from grader.course import find_course
from grader.grading import Grader
from grader.sandbox.client import PRELOAD, ForkServer, Isolation
from grader.submission import read_submission

PROJECT = Path(__file__).parents[1]
SOLUTION = PROJECT / "reference" / "sampling_and_generation" / "reverse_step" / "solution.py"
MISTAKE = SOLUTION.parent / "wrong" / "noise_at_last_step.py"
GRADE = str(Path(sys.executable).with_name("grade"))
ROUNDS = 7

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "grade --help": [GRADE, "--help"],
    "grade list": [GRADE, "list"],
    'python -c "import torch"': [sys.executable, "-c", "import torch"],
    "grade reverse_step, right": [GRADE, "reverse_step", "--submission", str(SOLUTION)],
    "grade reverse_step, wrong": [GRADE, "reverse_step", "--submission", str(MISTAKE)],
}
FURTHER = {"one more, right": SOLUTION, "one more, wrong": MISTAKE}


def main() -> None:
    """Print the medians and their ratios."""
    course = find_course(PROJECT)
    seconds: dict[str, list[float]] = {name: [] for name in (*COMMANDS, *FURTHER)}
    with ForkServer(Isolation.STRICT, PRELOAD) as server:
        grader = Grader(course, server)
        for round_number in range(ROUNDS + 1):  # the first warms up and does not count
            for name, command in COMMANDS.items():
                started = time.perf_counter()
                subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
                seconds[name].append(time.perf_counter() - started)
            for name, path in FURTHER.items():
                started = time.perf_counter()
                grader.grade(read_submission(path), course.select(["reverse_step"]))
                seconds[name].append(time.perf_counter() - started)
            print(f"\rround {round_number} of {ROUNDS}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    median = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    print(f"{'':28}{'seconds':>9}{'x pass':>9}{'x import torch':>16}")
    for name, value in median.items():
        bare, torch = value / median["python -c pass"], value / median['python -c "import torch"']
        print(f"{name:28}{value:9.3f}{bare:9.1f}{torch:16.2f}")


if __name__ == "__main__":
    main()
