"""A class of 300 over ten exercises of four lessons: every mark as expected, computed a second time in another way."""

from __future__ import annotations

import csv
import io
import random
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.submission.reading import read_submission
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

PROJECT = Path(__file__).parents[2]
COURSE = find_course(PROJECT)
NAMES = [
    "noise_schedule", "add_noise", "reverse_step", "ddim_step", "compression_ratio", "interpolate_latents",
    "strength_to_t_start", "box_mask", "combine_masked", "restore_rows",
]  # fmt: skip
EXERCISES = COURSE.select(NAMES)
STUDENTS = 300
HOSTILE = {
    "ends_process": "import os\ndef {name}(*given, **named): os._exit(0)\n",
    "ends_on_import": "import sys\nsys.exit(0)\ndef {name}(*given): pass\n",
    "never_ends": "def {name}(*given, **named):\n    while True: pass\n",
    "equals_everything": "class Yes:\n    def __eq__(self, other): return True\ndef {name}(*given, **named): return Yes()\n",
    "broken": "def {name}(x:\n    return x\n",
    "reads_answers": "def {name}(*given, **named): return open('{root}/reference').read()\n",
}


def parts_of(exercise: Exercise, rng: random.Random) -> tuple[str, str]:
    """Draw what a student hands in for an exercise: what it is called, and its text."""
    kind = rng.random()
    if kind < 0.45:
        path = rng.choice([exercise.solution, *exercise.accepted])
        return str(path), path.read_text()
    if kind < 0.9:
        path = rng.choice(exercise.wrong)
        return str(path), path.read_text()
    if kind < 0.95:
        return str(exercise.stub), exercise.stub.read_text()
    name = rng.choice([name for name in HOSTILE if name != "never_ends" or rng.random() < 0.2])
    return name, HOSTILE[name].format(name=exercise.functions[0].name, root=PROJECT)


def write_class(folder: Path) -> dict[str, list[tuple[Exercise, str, str]]]:
    """Write the hand-ins, as folders of files or notebooks, archives and single files, and return what every student handed in."""
    rng = random.Random(300)
    handed_in = {}
    folder.mkdir()
    for number in range(STUDENTS):
        student = f"student{number:03}"
        work = [(exercise, *parts_of(exercise, rng)) for exercise in EXERCISES if rng.random() < 0.95]
        handed_in[student] = work
        if number % 3 == 0:
            (folder / student).mkdir()
            for exercise, _, text in work:
                (folder / student / f"{exercise.name}.ipynb").write_text(notebook(text))
        elif number % 3 == 1:
            with zipfile.ZipFile(folder / f"{student}.zip", "w") as archive:
                for exercise, _, text in work:
                    archive.writestr(f"{student}/{exercise.name}.py", text)
        else:
            (folder / student).mkdir()
            for exercise, _, text in work:
                (folder / student / f"{exercise.name}.py").write_text(text)
    for number in range(10):  # single files, of one exercise
        exercise = EXERCISES[number]
        student = f"single{number}"
        handed_in[student] = [(exercise, str(exercise.solution), exercise.solution.read_text())]
        (folder / f"{student}.py").write_text(handed_in[student][0][2])
    return handed_in


@pytest.mark.slow
def test_a_class_of_300_gets_the_marks_that_each_would_get_alone(
    tmp_path: Path, server: ForkServer, capsys: pytest.CaptureFixture[str]
) -> None:
    handed_in = write_class(tmp_path / "handins")
    command = [
        Path(sys.executable).with_name("grade"),
        "batch",
        tmp_path / "handins",
        *NAMES,
        "--gradebook",
        tmp_path / "c.sqlite",
    ]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert done.returncode == 0, done.stdout + done.stderr
    exported = subprocess.run(
        [command[0], "export", "--gradebook", tmp_path / "c.sqlite"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    marks = {row["student"]: row for row in csv.DictReader(io.StringIO(exported))}

    grader, points, expected = Grader(COURSE, server, diagnosis_seconds=0), {}, {}
    for student, work in handed_in.items():
        # Of a notebook only definitions run: what a file does on import, it does not do.
        form = ".ipynb" if any((tmp_path / "handins").glob(f"{student}/*.ipynb")) else ".py"
        for exercise, called, text in work:
            if (exercise, called, form) not in points:
                alone = tmp_path / f"alone{form}"
                alone.write_text(notebook(text) if form == ".ipynb" else text)
                points[exercise, called, form] = grader.grade(read_submission(alone), [exercise]).points
        expected[student] = sum(points[exercise, called, form] for exercise, called, _ in work)

    assert {student: float(marks[student]["total"]) for student in expected} == expected
    with capsys.disabled():
        print(f"\n{len(handed_in)} hand-ins in {seconds:.0f} s, {len(handed_in) / seconds:.2f} a second; the largest "
              f"process had {memory:.0f} MB; {len(points)} different solutions, alone and in the class alike.")  # fmt: skip
