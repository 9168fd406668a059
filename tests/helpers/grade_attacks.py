"""Grades attacks as `python grade_attacks.py RESULT.json [--isolation off] NAME...` and writes down what came of them.

A process of its own, so that it can run as any user, and so that an attack that succeeds hits nobody else.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from grader.course.finding import find_course
from grader.desk.warm.place import shared_place
from grader.desk.warm.server import listening
from grader.grading import Grader
from grader.results import to_json
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission

sys.path.insert(0, str(Path(__file__).parents[1]))
from helpers.patience import BRIEF, PLENTY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Exercise

PROJECT = Path(__file__).parents[2]
SUBMISSIONS = PROJECT / "tests" / "submissions"
ATTACKS = {path.stem: path for path in sorted((SUBMISSIONS / "attacks").glob("*.py"))}
PERFECT = SUBMISSIONS / "honest" / "perfect"
VICTIM = "import sys; print('ready', flush=True); sys.stdin.read()"


class Scene:
    """What an attack could reach for: a secret in a file, in environments and arguments, listeners, folders.

    It knows afterwards whether one of them was touched.
    """

    def __init__(self) -> None:
        self.secret = f"canary-{secrets.token_hex(16)}"
        self.signals: list[int] = []

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="scene-"))
        self.home, self.outside = self.folder / "home", self.folder / "outside"
        for folder in (self.home, self.outside):
            folder.mkdir()
        (self.home / "secret.txt").write_text(self.secret, encoding="ascii")
        (self.outside / "file.txt").write_text("as it was", encoding="ascii")
        os.environ.update(HOME=str(self.home), GRADE_TEST_SECRET=self.secret)
        signal.signal(signal.SIGURG, lambda number, _: self.signals.append(number))
        self._victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", VICTIM, self.secret], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._victim.stdout.readline()  # type: ignore[union-attr]
        self._unix, self._abstract = str(self.folder / "socket"), f"grade-{secrets.token_hex(8)}"
        self._listeners = {
            self._unix: _listener(socket.AF_UNIX, self._unix),
            self._abstract: _listener(socket.AF_UNIX, "\0" + self._abstract),
            "TCP": _listener(socket.AF_INET, ("127.0.0.1", 0)),
            "UDP": _listener(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM),
        }
        self._opened = contextlib.ExitStack()
        self._place = shared_place(PROJECT)
        judge, _ = self._opened.enter_context(listening(self._place))
        judge.setblocking(False)
        self._listeners["of the warm judge"] = judge
        self._place.key.write_text(self.secret, encoding="ascii")
        return self

    def __exit__(self, *_: object) -> None:
        self._victim.communicate()
        for listener in self._listeners.values():
            listener.close()
        self._opened.close()
        shutil.rmtree(self._place.folder)
        shutil.rmtree(self.folder)

    def facts(self, sandbox: Path) -> str:
        """Return the source of a module that tells an attack where everything is: the strongest attacker knows."""
        course = [
            str(path)
            for part in ("reference", "rubrics", "exercises")
            for path in sorted((PROJECT / part).rglob("*.[pt][yo]*"))
            if path.is_file() and "__pycache__" not in path.parts
        ]
        known = {
            "PROJECT": str(PROJECT),
            "COURSE": course,
            "HOME": str(self.home),
            "SECRET_FILE": str(self.home / "secret.txt"),
            "OUTSIDE": str(self.outside),
            "OUTSIDE_FILE": str(self.outside / "file.txt"),
            "SANDBOX": str(sandbox),
            "JUDGE": os.getpid(),
            "VICTIM": self._victim.pid,
            "VICTIM_FILES": [f"/proc/{self._victim.pid}/{name}" for name in ("environ", "cmdline", "maps", "status")],
            "UNIX_SOCKET": self._unix,
            "JUDGE_FOLDER": str(self._place.folder),
            "JUDGE_SOCKET": str(self._place.socket),
            "JUDGE_KEY": str(self._place.key),
            "ABSTRACT_SOCKET": self._abstract,
            "TCP_PORT": self._listeners["TCP"].getsockname()[1],
            "UDP_PORT": self._listeners["UDP"].getsockname()[1],
        }
        return "".join(f"{name} = {value!r}\n" for name, value in known.items())

    def touched(self) -> list[str]:
        """Return what was reached since the last time, one sentence a thing."""
        found = [f"signal {number} was received" for number in self.signals]
        self.signals.clear()
        for name, listener in self._listeners.items():
            with contextlib.suppress(BlockingIOError):
                listener.recv(100) if name == "UDP" else listener.accept()
                found.append(f"the listener {name} was reached")
        if (self.outside / "file.txt").read_text(encoding="ascii") != "as it was" or len(
            list(self.outside.iterdir())
        ) > 1:
            found.append("the folder outside was changed")
        marks = [
            folder / "attack-was-here"
            for folder in map(Path, (PROJECT, self.folder, self._place.folder, "/tmp", "/dev/shm", "/var/tmp", "/run"))
        ]
        found += [f"{mark} was written" for mark in marks if os.path.lexists(mark)]
        if self._victim.poll() is not None:
            found.append("the stranger's process was ended")
        return found


def _listener(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    listener.setblocking(False)
    return listener


def constants(path: Path) -> dict[str, Any]:
    """Return the constants of an attack's file, without running it."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def attack(grader: Grader, scene: Scene, path: Path, sandbox: Path) -> dict[str, Any]:
    """Grade one attack as a folder of three files: the attack, its kit, and the facts."""
    work = scene.folder / path.stem
    work.mkdir()
    shutil.copy(path, work)
    shutil.copy(SUBMISSIONS / "kit.py", work)
    (work / "facts.py").write_text(scene.facts(sandbox), encoding="utf-8")
    started, memory = time.monotonic(), _peak_mebibytes()
    before = set(sandbox.iterdir())
    result: dict[str, Any] = {"raised": None, "verdict": None}
    try:
        verdict = grader.grade(read_submission(work), exercises(grader, path))
        result["verdict"] = json.loads(to_json(verdict))
    except Exception as error:  # whatever it is: the tests are to hear of it
        result["raised"] = f"{type(error).__name__}: {error}"
    result["seconds"] = round(time.monotonic() - started, 2)
    result["mebibytes"] = _peak_mebibytes() - memory
    result["touched"] = scene.touched()
    result["holds_secret"] = scene.secret in json.dumps(result)
    result["folders_left"] = sorted(entry.name for entry in set(sandbox.iterdir()) - before)
    return result


def exercises(grader: Grader, path: Path) -> tuple[Exercise, ...]:
    """Return what an attack is graded on: its exercise, and another one beside it if it names one."""
    named = constants(path)
    return grader.course.select([named[key] for key in ("EXERCISE", "BESIDE") if key in named])


def perfect(grader: Grader) -> float:
    """Return the points of a perfect submission, graded by the same judge."""
    exercises = tomllib.loads((PERFECT / "expected.toml").read_text(encoding="utf-8"))["exercises"]
    return grader.grade(read_submission(PERFECT / "submission.py"), grader.course.select(exercises)).points


def _peak_mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _processes_of(session: int) -> Iterator[str]:
    """Yield the command lines of the processes of a session, the fork server's or ours."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
            if int(fields[3]) == session:
                yield (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace") or entry.name


def main() -> None:
    """Grade the attacks of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("result", type=Path)
    parser.add_argument("--isolation", type=Isolation, default=Isolation.STRICT)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    with Scene() as scene:
        server = ForkServer(options.isolation)
        sandbox, process = server._folder, server._process
        with server:
            course = find_course(PROJECT)
            grader = Grader(course, server, call_seconds=PLENTY, diagnosis_seconds=0)
            impatient = Grader(course, server, call_seconds=BRIEF, diagnosis_seconds=0)
            perfect(grader)  # so that what the judge itself needs is in memory before that is measured
            if any(exercise.on_model for name in options.names for exercise in exercises(grader, ATTACKS[name])):
                [on_model] = course.select(["decode_latents"])
                grader.grade(
                    read_submission(PROJECT / "reference" / on_model.lesson / on_model.name / "solution.py"), [on_model]
                )
            attacks = {}
            for name in options.names:
                hangs = constants(ATTACKS[name]).get("ENDLESS")
                attacks[name] = attack(impatient if hangs else grader, scene, ATTACKS[name], sandbox)
            result = {
                "attacks": attacks,
                "isolation": server.isolation,
                "points_afterwards": perfect(grader),
                "same_fork_server": server._process is process and process.poll() is None,
            }
        result["processes_left"] = list(_processes_of(process.pid))
        result["folder_left"] = sandbox.exists()
    options.result.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
