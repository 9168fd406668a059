"""The same hand-in has the same verdict wherever it is graded, and processes that are killed cost no mark."""

from __future__ import annotations

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from grader.course.finding import find_course
from helpers import other_user
from helpers.patience import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
GRADE = str(Path(sys.executable).with_name("grade"))
COURSE = find_course(PROJECT)
(EXERCISE,) = COURSE.select(["reverse_step"])
HOSTILE = "import os\ndef reverse_step(*given): os._exit(0)\n"
KILLS = 50
_AS_ANOTHER = """
import json, os, pathlib, sys
home = pathlib.Path.home()
for name, text in json.loads(sys.argv[1]).items():
    place = home / "handins" / name
    place.mkdir(parents=True)
    (place / "reverse_step.py").write_text(text)
os.chdir(sys.argv[2])
options = ["--gradebook", str(home / "class.sqlite"), "--seed", "1"]
sys.argv = ["grade", "batch", str(home / "handins"), "reverse_step", *options]
from diffusion_grader import main
main()
"""
RUNS = 40


def work() -> dict[str, str]:
    """Return five hand-ins: right in two ways, wrong in two, and one that ends its process."""
    assert EXERCISE.solution is not None
    texts = [EXERCISE.solution, EXERCISE.accepted[0], *EXERCISE.wrong[:2]]
    return {**{f"s{number}": path.read_text() for number, path in enumerate(texts)}, "hostile": HOSTILE}


def contents(gradebook: Path) -> dict[str, str]:
    """Return every student's verdict without times."""
    with closing(sqlite3.connect(gradebook)) as database:
        rows = database.execute(
            "SELECT student, points, result FROM attempts JOIN results ON attempt_id = attempts.id "
            "WHERE outcome != 'error' ORDER BY results.id"
        )
        return {student: f"{points} {re.sub(r'.seconds.: ?[-0-9.e]+', '', text)}" for student, points, text in rows}


def stored(gradebook: Path) -> int:
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(gradebook)) as database:
        return int(database.execute("SELECT count(*) FROM results").fetchone()[0])
    return 0


def begun(handins: Path, gradebook: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [GRADE, "batch", str(handins), "reverse_step", "--gradebook", str(gradebook), "--seed", "1", *options]
    return subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


@pytest.mark.slow
@pytest.mark.confined
def test_a_hand_in_has_one_verdict_whatever_is_graded_beside_it(tmp_path: Path) -> None:
    rng, seen = random.Random(5), {name: set[str]() for name in work()}
    for run in range(RUNS):
        handins, gradebook = tmp_path / f"handins{run}", tmp_path / f"class{run}.sqlite"
        for name, text in work().items():  # `batch` goes by name: another order each time
            place = handins / f"{rng.randrange(1000):03}_{name}"
            place.mkdir(parents=True)
            (place / "reverse_step.py").write_text(text)
        for again in range(rng.randrange(2) + 1):
            options = ["--jobs", str(1 + run % 3), *(["--regrade"] if again else [])]
            assert begun(handins, gradebook, *options).wait() == 0
        for student, verdict in contents(gradebook).items():
            name = student.partition("_")[2]
            seen[name].add(verdict.replace(student, name))
    assert {name: len(verdicts) for name, verdicts in seen.items()} == dict.fromkeys(seen, 1)


@pytest.mark.slow
@pytest.mark.confined
@pytest.mark.skipif(other_user.why_not() is not None, reason="there is no other user to be")
def test_another_user_gets_the_same_verdicts(tmp_path: Path) -> None:
    handins = tmp_path / "handins"
    for name, text in work().items():
        (handins / name).mkdir(parents=True)
        (handins / name / "reverse_step.py").write_text(text)
    assert begun(handins, tmp_path / "root.sqlite").wait() == 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)
        done = other_user.run(["-c", _AS_ANOTHER, json.dumps(work()), str(PROJECT)], home, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert contents(home / "class.sqlite") == contents(tmp_path / "root.sqlite")


def _others(process: psutil.Process) -> Iterator[psutil.Process]:
    """Yield what a batch has started but for workers: the system's kill of one looks like a limit that it broke."""
    for child in process.children(recursive=True):
        with suppress(psutil.Error):
            if child.status() != psutil.STATUS_ZOMBIE and not _is_worker(child):
                yield child


def _is_worker(process: psutil.Process) -> bool:
    parent = process.parent()
    return parent is not None and process.cmdline() == parent.cmdline()  # a fork of a server


@pytest.mark.slow
@pytest.mark.confined
def test_fifty_kills_of_judges_servers_and_readers_change_nothing(tmp_path: Path) -> None:
    handins, killed, whole = tmp_path / "handins", tmp_path / "killed.sqlite", tmp_path / "whole.sqlite"
    handins.mkdir()
    texts = list(work().values())
    for number in range(300):
        (handins / f"s{number:03}.py").write_text(f"{texts[number % len(texts)]}\nNUMBER = {number}\n")
    assert begun(handins, whole, "--jobs", "2").wait() == 0
    rng, hit = random.Random(50), list[str]()
    for kills in range(KILLS):
        before = stored(killed)
        with begun(handins, killed, "--jobs", "2") as batch:
            if before < 250:  # while verdicts come in
                wait_until(
                    lambda before=before, batch=batch: stored(killed) > before or batch.poll() is not None, "none"
                )
            time.sleep(rng.uniform(0, 0.5))
            process = psutil.Process(batch.pid)
            victim = rng.choice([process, *_others(process)]) if kills % 2 else process
            with suppress(psutil.Error):
                hit.append(" ".join(victim.cmdline()[2:4]))
                victim.send_signal(signal.SIGKILL)
            time.sleep(rng.uniform(0, 0.3))
            with suppress(ProcessLookupError):
                batch.kill()
    print({what: hit.count(what) for what in set(hit)})
    assert begun(handins, killed, "--jobs", "2").wait() == 0
    assert contents(killed) == contents(whole)
