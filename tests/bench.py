"""Measures, side by side in one run, what people wait for; prints ratios, because seconds are the machine's.

Every round times each command once, in turn, so that a machine that slows down slows them all.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course.finding import find_course
from grader.course.rubric_reading import load_rubrics
from grader.grading import Grader
from grader.plugin.judge import Judge
from grader.plugin.run import run_checks
from grader.sandbox.outside.remote import Observed
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission
from helpers.many_handins import ManyHandIns

if TYPE_CHECKING:
    from grader.course.model import Course, Exercise

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
CLASS_EXERCISES = (
    "reverse_step",
    "ddim_step",
    "add_noise",
    "box_mask",
    "feather_mask",
    "combine_masked",
    "restore_rows",
)
CLASS_ROUNDS = 3
CLASS_HANDINS = 60
WORKERS = (
    "--jobs 1",
    "--jobs 2",
    "--jobs 3",
    "--cluster local --jobs 1",
    "--cluster local --jobs 2",
    "--cluster local --jobs 3",
)


class Here:
    """Calls a submission's functions in this process, without any boundary: what that costs is the difference."""

    def __init__(self, path: Path, names: list[str]) -> None:
        spec = importlib.util.spec_from_file_location("bench_submission", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name in names:
            setattr(self, name, Function(getattr(module, name)))


class Function:
    """A function with the second way to call it that checks use."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it."""
        return self._function(*copy.deepcopy(arguments), **copy.deepcopy(keywords))

    def called_with(self, *arguments: Any, **keywords: Any) -> Observed:
        """Call it and return the arguments as they are afterwards."""
        arguments, keywords = copy.deepcopy(arguments), copy.deepcopy(keywords)
        result = self._function(*arguments, **keywords)
        names = inspect.signature(self._function).parameters
        return Observed(result, {**dict(zip(names, arguments, strict=False)), **keywords}, "")


class JudgeHere(Judge):
    """A judge that hands the checks the functions themselves."""

    def remote(self, exercise: Exercise) -> Any:
        """Return the functions, in this process."""
        return Here(exercise.solution, [function.name for function in exercise.functions])


def bench_class(course: Course, server: ForkServer) -> None:
    """Print what one right submission to several exercises costs, by who runs its checks."""
    exercises = course.select(CLASS_EXERCISES)
    checks = [str(path) for e in exercises for path in (e.public_checks, e.hidden_checks)]
    grader = Grader(course, server)
    seconds: dict[str, list[float]] = {"same checks, no boundary": [], "one of a class": [], "plain pytest": []}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        for exercise in exercises:
            (work / f"{exercise.name}.py").write_text(exercise.solution.read_text())
        for _ in range(CLASS_ROUNDS + 1):
            started = time.perf_counter()
            submission = read_submission(work)
            run_checks(JudgeHere(course, load_rubrics(course), submission, server), exercises)
            seconds["same checks, no boundary"].append(time.perf_counter() - started)
            started = time.perf_counter()
            grader.grade(read_submission(work), exercises)
            seconds["one of a class"].append(time.perf_counter() - started)
            started = time.perf_counter()
            command = [sys.executable, "-m", "pytest", "-q", *checks, "--submission", str(work)]
            subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
            seconds["plain pytest"].append(time.perf_counter() - started)
    median = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    print(f"\n{f'{len(exercises)} exercises, right':28}{'seconds':>9}{'x no boundary':>16}")
    for name, value in median.items():
        print(f"{name:28}{value:9.3f}{value / median['same checks, no boundary']:16.2f}")


def bench_workers(handins: int) -> None:
    """Print seconds a hand-in of a class by jobs and by workers of a cluster, from when all of them are at work."""
    print(f"\n{f'{handins} small hand-ins':28}{'seconds':>9}{'x --jobs 1':>13}{'began after':>13}")
    with tempfile.TemporaryDirectory() as folder:
        work = ManyHandIns(Path(folder), handins)
        first = 0.0
        for name in WORKERS:
            begun, ended = work.graded(
                *name.split(), at=(handins // 6, handins - 3)
            )  # the last ones leave a job without work
            each = (ended.seconds - begun.seconds) / (ended.graded - begun.graded)
            first = first or each
            print(f"{name:28}{each:9.3f}{each / first:13.2f}{begun.seconds:13.1f}", flush=True)


def main() -> None:
    """Print the medians and their ratios; with a number, those of a class of so many hand-ins alone."""
    if sys.argv[1:]:
        bench_workers(int(sys.argv[1]))
        return
    course = find_course(PROJECT)
    seconds: dict[str, list[float]] = {name: [] for name in (*COMMANDS, *FURTHER)}
    with ForkServer(Isolation.STRICT) as server:
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
        bench_class(course, server)
    bench_workers(CLASS_HANDINS)
    median = {name: statistics.median(times[1:]) for name, times in seconds.items()}
    print(f"{'':28}{'seconds':>9}{'x pass':>9}{'x import torch':>16}")
    for name, value in median.items():
        bare, torch = value / median["python -c pass"], value / median['python -c "import torch"']
        print(f"{name:28}{value:9.3f}{bare:9.1f}{torch:16.2f}")


if __name__ == "__main__":
    main()
