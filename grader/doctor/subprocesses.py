"""Takes steps in a process of their own (see `probe`), and says how each step went, including crashes and hangs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = (sys.executable, "-P", "-m", "grader.doctor.probe")
# Nothing may be downloaded, least of all gigabytes of weights.
_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
_MOST_CHARACTERS = 300  # of what a process said before it crashed
_CRASHES = {
    signal.SIGILL: "SIGILL: the processor lacks an instruction that this build uses",
    signal.SIGKILL: "SIGKILL: was there too little memory?",
}


class Step(NamedTuple):
    """Something to try: a function of `probe`, and its arguments."""

    label: str
    action: str
    arguments: dict[str, Any] = {}  # noqa: RUF012 - never written to


class Answer(NamedTuple):
    """How a step went, and what it said: its result, or why it failed; `advised` if that names the remedy."""

    worked: bool
    said: str
    advised: bool = False


def take(steps: Sequence[Step], seconds: float) -> dict[str, Answer]:
    """Take the steps one after the other, in a process that has `seconds` for all of them.

    Returns the answers by label. After a step that ended the process, or did not end in time, no further step is taken.
    """
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [*COMMAND, json.dumps([step._asdict() for step in steps])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,  # Ctrl-C is for us to handle
        )
        try:
            output, in_time = _output(process, seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        answers = _answers(output)
        if len(answers) < len(steps):
            how = _how_it_ended(process.returncode, complaints) if in_time else f"did not end in {seconds:g} seconds"
            answers[steps[len(answers)].label] = Answer(worked=False, said=how)
    return answers


def _output(process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bool]:
    """Return what the process said, and whether it ended in time."""
    try:
        return process.communicate(timeout=seconds)[0], True
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0], False


def _answers(output: bytes) -> dict[str, Answer]:
    """Return the answers of the steps that ended."""
    messages = [json.loads(line) for line in output.splitlines()]
    return {said["label"]: Answer(said["worked"], said["said"], said["advised"]) for said in messages}


def _how_it_ended(status: int, complaints: IO[bytes]) -> str:
    if status < 0:
        number = signal.Signals(-status)
        return f"crashed with {_CRASHES.get(number, number.name)}"
    complaints.seek(0)
    said = complaints.read().decode("utf-8", "replace").strip().splitlines()
    return f"ended its process with exit status {status}" + (f": {said[-1][:_MOST_CHARACTERS]}" if said else "")
