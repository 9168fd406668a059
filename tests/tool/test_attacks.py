"""Submissions that try to get marks, secrets or the machine: none gets any, and the next one is graded as if nothing was."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.sandbox import folder
from grader.sandbox.session import Session
from helpers import grade_attacks, other_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.sandbox.client import ForkServer

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "tests" / "helpers" / "grade_attacks.py"
ATTACKS = {name: grade_attacks.constants(path) for name, path in grade_attacks.ATTACKS.items()}
QUICK = [name for name, constants in ATTACKS.items() if not constants.get("SLOW")]
SLOW = [name for name in ATTACKS if name not in QUICK]
PATIENCE = 600  # seconds for all of them
MOST_JSON = 200_000  # characters
MOST_MEMORY = 300  # MiB that an attack may add to the judge's peak

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="strict isolation needs Linux"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the attacks know the system calls of x86_64 only"),
]


def tree() -> dict[str, tuple[int, int, str]]:
    """Return mode, time of change and hash of every file whose change would change marks."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for part in ("exercises", "reference", "rubrics")
        for path in sorted((PROJECT / part).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def run_as_me(arguments: list[str], home: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], env=environment, cwd="/", text=True, check=False, **options)


def graded(user: str, *arguments: str) -> dict[str, Any]:
    """Grade attacks in a process of their own; return what came of them, of the project, and of the temporary folder."""
    run = run_as_me if user == "me" else other_user.run
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        result = Path(home) / "result.json"
        Path(home).chmod(0o755)
        before = tree()
        ended = run([str(SCRIPT), str(result), *arguments], Path(home), timeout=PATIENCE, stderr=subprocess.PIPE)
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        left = [path.name for path in Path(home).iterdir() if path.name not in ("result.json", "aside")]
        return found | {"project_unchanged": tree() == before, "left": left}


@pytest.fixture(scope="module", params=["me", "nobody"])
def outcome(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what came of all quick attacks, graded by the user who runs the tests and by one without any rights."""
    if request.param == "nobody" and other_user.why_not():
        pytest.skip(str(other_user.why_not()))
    return graded(request.param, *QUICK)


def texts(value: Any) -> Iterator[str]:
    """Yield every text inside a verdict."""
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    if isinstance(value, str):
        yield value


def rewrites_a_terminal(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs")


def failings(name: str, attack: dict[str, Any]) -> list[str]:
    """Return in what the judge has failed against an attack, one sentence each."""
    if attack["raised"]:
        return [f"the judge broke: {attack['raised']}"]
    verdict = attack["verdict"]
    checks = [check for exercise in verdict["exercises"] for check in exercise["checks"]]
    said = "\n".join(check["message"] for check in checks)
    conditions = {
        f"it has {verdict['points']} points": verdict["points"] != 0,
        "a check broke": any(check["outcome"] == "error" for check in checks),
        "it is not failed": any(exercise["outcome"] != "failed" for exercise in verdict["exercises"]),
        "it leaked": any("LEAK:" in text for text in texts(verdict)),
        "the verdict holds the secret": attack["holds_secret"],
        f"it has touched: {attack['touched']}": bool(attack["touched"]),
        "the verdict can rewrite a terminal": any(rewrites_a_terminal(c) for text in texts(verdict) for c in text),
        "the verdict is too long": len(json.dumps(verdict)) > MOST_JSON,
        f"the judge took {attack['mebibytes']} MiB": attack["mebibytes"] > MOST_MEMORY,
        f"folders are left: {attack['folders_left']}": bool(attack["folders_left"]),
        f"it did not do what it is for: {said[:500]}": ATTACKS[name]["SAYS"] not in said,
    }
    return [sentence for sentence, holds in conditions.items() if holds]


@pytest.mark.parametrize("name", QUICK)
def test_an_attack_gets_nothing(name: str, outcome: dict[str, Any]) -> None:
    assert failings(name, outcome["attacks"][name]) == []


def test_the_attacks_were_graded_in_strict_isolation(outcome: dict[str, Any]) -> None:
    assert outcome["isolation"] == "strict"


def test_the_same_fork_server_grades_a_perfect_submission_to_full_marks_afterwards(outcome: dict[str, Any]) -> None:
    assert (outcome["points_afterwards"], outcome["same_fork_server"]) == (40, True)


def test_no_process_of_an_attack_is_left(outcome: dict[str, Any]) -> None:
    assert outcome["processes_left"] == []


def test_exercises_reference_and_rubrics_are_as_they_were(outcome: dict[str, Any]) -> None:
    assert outcome["project_unchanged"]


def test_no_temporary_folder_is_left(outcome: dict[str, Any]) -> None:
    assert (outcome["folder_left"], outcome["left"]) == (False, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_a_slow_attack_gets_nothing(name: str) -> None:
    assert failings(name, graded("me", name)["attacks"][name]) == []


@pytest.mark.parametrize("name", ["reads_environment", "reads_files", "uses_network"])
def test_the_same_attack_succeeds_without_isolation_so_that_it_proves_something(name: str) -> None:
    attack = graded("me", "--isolation", "off", name)["attacks"][name]
    assert "it leaked" in failings(name, attack)


def test_a_worker_writes_nothing_while_it_is_not_asked(server: ForkServer) -> None:
    source = (PROJECT / "tests" / "submissions" / "attacks" / "writes_between_calls.py").read_text(encoding="utf-8")
    session = Session(server, {"work.py": source}, {"strength_to_t_start": "work.py"}, call_seconds=1.0)
    before = set(server._folder.iterdir())
    session.call("strength_to_t_start", [0.5, 10], {})
    works = [place / "work" for place in set(server._folder.iterdir()) - before]
    until, pause = time.monotonic() + 1, threading.Event()
    while not any(map(folder.over_quota, works)) and time.monotonic() < until:
        pause.wait(0.02)
    over = any(map(folder.over_quota, works))
    session.close()
    assert works
    assert not over
