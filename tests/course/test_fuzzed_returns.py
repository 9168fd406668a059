"""Whatever a submission or its readers answer, no check of any exercise breaks, and every failure can be reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from grader.course.finding import find_course
from helpers import other_user

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "tests" / "helpers" / "fuzz_returns.py"
NAMES = [exercise.name for exercise in find_course(PROJECT).in_code]
QUICK = ("strength_to_t_start", "ddim_step", "restore_rows")
RETURNS = 2_000  # an exercise
FEW_RETURNS = 150


def fuzzed(user: str, count: int, *names: str) -> dict[str, Any]:
    """Fuzz exercises in a process of a user; return what came of each, which is printed, too."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        result = Path(home) / "result.json"
        arguments = [str(SCRIPT), str(result), str(count), "0", *names]
        if user == "nobody":
            if why := other_user.why_not():
                pytest.skip(why)
            ended = other_user.run(arguments, Path(home), stderr=subprocess.PIPE)
        else:
            environment = os.environ | {"HOME": home, "TMPDIR": home, "PYTHONDONTWRITEBYTECODE": "1"}
            command = [sys.executable, *arguments]
            ended = subprocess.run(command, env=environment, text=True, check=False, stderr=subprocess.PIPE)
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    print(user, json.dumps(found, indent=1))
    return found


def broken(found: dict[str, Any]) -> dict[str, Any]:
    """Return what broke, with what would be settled because it passes for the solution: that has a cause, too."""
    return {name: both for name, one in found.items() if (both := one["broken"] | one["settled"])}


@pytest.mark.thorough
@pytest.mark.parametrize("user", ["me", "nobody"])
def test_a_few_odd_answers_break_no_check(user: str) -> None:
    found = fuzzed(user, FEW_RETURNS, *QUICK)
    assert broken(found) == {}
    assert all(one["returns"] >= FEW_RETURNS and one["failed"] for one in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("user", ["me", "nobody"])
@pytest.mark.parametrize("name", NAMES)
def test_no_odd_answer_breaks_a_check(name: str, user: str) -> None:
    found = fuzzed(user, RETURNS, name)
    assert broken(found) == {}
    assert found[name]["returns"] >= RETURNS
