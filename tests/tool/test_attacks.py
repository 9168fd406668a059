"""Submissions that try to get marks, secrets or the machine: none gets any, and the next one is graded as if nothing was."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.sandbox.outside.session import Session
from helpers import grade_attacks, other_user
from helpers.patience import ENDLESS, PLENTY, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.sandbox.outside.server import ForkServer

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "tests" / "helpers" / "grade_attacks.py"
ATTACKS = {name: grade_attacks.constants(path) for name, path in grade_attacks.ATTACKS.items()}
SLOW = [name for name, constants in ATTACKS.items() if constants.get("SLOW")]
# What a worker says, how long it takes and how much it writes is the same whoever runs the judge; all other attacks are
# graded by a user without any rights, too.
SAME_FOR_ALL = """
    announces_and_waits answers_ahead answers_to_loading array_of_nil catches_everything deep_nesting escapes_in_results
    escapes_in_type exception_texts fills_the_folder_with_bytes fills_the_folder_with_files forged_escapes forged_fault forged_success forged_without_any_arguments
    forged_without_arguments forges_at_import garbage huge_array huge_header huge_traceback impossible_array
    impossible_image impossible_tensor lying_number lying_object lying_tensor nested_too_deep odd_keys
    patched_comparisons patched_isinstance patched_worker raises_keyboard_interrupt raises_system_exit
    returns_an_expanded_tensor returns_large_results returns_many_values shadows_modules skips sleeps trickle
    trickle_asleep truncated_at_the_end truncated_frame two_answers
""".split()
QUICK = {
    "me": [name for name in ATTACKS if name not in SLOW],
    "nobody": [name for name in ATTACKS if name not in SAME_FOR_ALL],
}
READING = ["asks_the_warm_judge", "reads_environment", "reads_files", "uses_network"]
MOST_JSON = 200_000  # characters
MOST_MEMORY = 300  # MiB that an attack may add to the judge's peak

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.confined,  # and not only because they would fail: without confinement they do what they try
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
        ended = run([str(SCRIPT), str(result), *arguments], Path(home), timeout=ENDLESS, stderr=subprocess.PIPE)
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        # PyTorch makes a folder for its own compiler where diffusers is imported, which is in the judge.
        known = ("result.json", "aside", "torchinductor_root", "torchinductor_nobody")
        left = [path.name for path in Path(home).iterdir() if path.name not in known]
        return found | {"project_unchanged": tree() == before, "left": left}


@functools.cache
def graded_by(user: str) -> dict[str, Any]:
    return graded(user, *QUICK[user])


@pytest.fixture
def outcome(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return what came of the quick attacks, graded by the user who runs the tests or by one without any rights."""
    if request.param == "nobody" and other_user.why_not():
        pytest.skip(str(other_user.why_not()))
    return graded_by(request.param)


by_each_user = pytest.mark.parametrize("outcome", QUICK, indirect=True)


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


@pytest.mark.parametrize(
    ("outcome", "name"), [(user, name) for user, names in QUICK.items() for name in names], indirect=["outcome"]
)
def test_an_attack_gets_nothing(name: str, outcome: dict[str, Any]) -> None:
    assert failings(name, outcome["attacks"][name]) == []


def test_every_attack_that_is_graded_by_one_user_is_there() -> None:
    assert set(SLOW) <= set(SAME_FOR_ALL) <= ATTACKS.keys()


@by_each_user
def test_the_attacks_were_graded_in_strict_isolation(outcome: dict[str, Any]) -> None:
    assert outcome["isolation"] == "strict"


@by_each_user
def test_the_same_fork_server_grades_a_perfect_submission_to_full_marks_afterwards(outcome: dict[str, Any]) -> None:
    assert (outcome["points_afterwards"], outcome["same_fork_server"]) == (40, True)


@by_each_user
def test_no_process_of_an_attack_is_left(outcome: dict[str, Any]) -> None:
    assert outcome["processes_left"] == []


@by_each_user
def test_exercises_reference_and_rubrics_are_as_they_were(outcome: dict[str, Any]) -> None:
    assert outcome["project_unchanged"]


@by_each_user
def test_no_temporary_folder_is_left(outcome: dict[str, Any]) -> None:
    assert (outcome["folder_left"], outcome["left"]) == (False, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_a_slow_attack_gets_nothing(name: str) -> None:
    assert failings(name, graded("me", name)["attacks"][name]) == []


@pytest.mark.slow
def test_what_is_the_same_for_all_gets_a_user_without_rights_nothing_either() -> None:
    if why_not := other_user.why_not():
        pytest.skip(str(why_not))
    attacks = graded("nobody", *SAME_FOR_ALL)["attacks"]
    assert attacks.keys() == set(SAME_FOR_ALL)
    assert {name: found for name, attack in attacks.items() if (found := failings(name, attack))} == {}


@pytest.fixture(scope="module")
def unconfined() -> dict[str, Any]:
    return graded("me", "--isolation", "off", *READING)


@pytest.mark.parametrize("name", READING)
def test_the_same_attack_succeeds_without_isolation_so_that_it_proves_something(
    name: str, unconfined: dict[str, Any]
) -> None:
    assert "it leaked" in failings(name, unconfined["attacks"][name])


def test_a_worker_is_held_while_it_is_not_asked(server: ForkServer) -> None:
    source = (PROJECT / "tests" / "submissions" / "attacks" / "writes_between_calls.py").read_text(encoding="utf-8")
    session = Session(server, {"work.py": source}, {"strength_to_t_start": "work.py"}, call_seconds=PLENTY)
    session.call("strength_to_t_start", [0.5, 10], {})
    worker = session._worker
    assert worker is not None
    written = worker._folder / "work" / "written"
    much = written.stat().st_size + 100_000  # bytes, one system call each, when the judge has asked for none

    def is_held() -> bool:
        statuses = Path(f"/proc/{worker.pid}/task").glob("*/stat")
        return {status.read_text().rsplit(")", 1)[1].split()[0] for status in statuses} == {"T"}

    wait_until(lambda: is_held() or written.stat().st_size > much, "the worker neither stopped nor went on")
    held = is_held()
    session.close()
    assert held
