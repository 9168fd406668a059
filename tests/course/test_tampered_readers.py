"""Submissions that replace the workbench's readers, and answer in their place: a failed check, and never a fault of ours.

What is not of the type that a reader promises is refused before a check sees it. These answers are of that type, so it
is the checks that must take them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.results import Outcome
from grader.submission.reading import read_submission
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

COURSE = find_course(Path(__file__).parents[2])
READING = [e for e in COURSE.in_code if any(".read." in p.read_text(encoding="utf-8") for p in e.check_sources)]
QUICK = ("freeze_for_inversion", "add_pseudo_token", "ddpm_sample", "lora_parameter_count")
TAMPERING = """

import sys as _sys
import torch as _torch

def _empty(_name, value):
    return {dict: {}, list: []}.get(type(value), _torch.zeros(0) if isinstance(value, _torch.Tensor) else value)

def _flat(name, value):
    if type(value) is dict:
        return {key: _torch.zeros(()) for key in value}
    answers = {"calls": [{"timestep": [[1.5, True]], "shape": []}], "token_ids": [[]], "trainable": ["", ""]}
    return answers.get(name, _torch.zeros(()) if isinstance(value, _torch.Tensor) else None)

def _strange(name, value):
    if type(value) is dict:
        odd = {"x": _torch.zeros(3, dtype=_torch.complex64), "": _torch.zeros(2, 0)}
        return odd | {key: _torch.zeros(3, 3, dtype=_torch.bool) for key in value}
    none = {"timestep": None, "shape": None, "text_embeddings": None}
    answers = {"calls": [none, none], "token_ids": [[-1, 2**63], [], [1], []], "trainable": ["\\n", "x", "x"]}
    return answers.get(name, _torch.zeros(3, 5, 2, dtype=_torch.int64) if isinstance(value, _torch.Tensor) else None)

def _tampered(name, read):
    return lambda *given, **named: {how}(name, read(*given, **named))

for _module in [module for name, module in _sys.modules.items() if name.startswith("workbench_")]:
    for _name, _reader in _module.WORKBENCH.readers.items():
        object.__setattr__(_reader, "function", _tampered(_name, _reader.function))
"""


@pytest.mark.parametrize("how", ["_empty", "_flat", "_strange"])
@pytest.mark.parametrize(
    "exercise",
    [pytest.param(e, id=e.name, marks=() if e.name in QUICK else pytest.mark.slow) for e in READING],
)
def test_an_answer_in_a_readers_place_fails_the_check(
    exercise: Exercise, how: str, tmp_path: Path, model_server: ForkServer
) -> None:
    assert exercise.solution is not None
    source = exercise.solution.read_text(encoding="utf-8") + TAMPERING.replace("{how}", how)
    (tmp_path / "work.py").write_text(source, encoding="utf-8")
    grader = Grader(COURSE, model_server, lessons=[exercise.lesson], diagnosis_seconds=0, call_seconds=PLENTY)
    [result] = grader.grade(read_submission(tmp_path / "work.py"), [exercise]).exercises
    assert result.outcome is Outcome.FAILED, [check.message for check in result.checks if check.outcome == "error"]


LYING = """
import sys

TABLE = "embeddings.token_embedding.weight"

def freeze_for_inversion(text_encoder, unet, vae):
    pass

def trainable(module):
    return [name for name, _ in module.named_parameters() if name == TABLE]

for module in [module for name, module in sys.modules.items() if name.startswith("workbench_")]:
    object.__setattr__(module.WORKBENCH.readers["trainable"], "function", trainable)
"""


def test_a_lie_about_what_is_frozen_earns_nothing(tmp_path: Path, model_server: ForkServer) -> None:
    (tmp_path / "work.py").write_text(LYING, encoding="utf-8")
    [exercise] = COURSE.select(["freeze_for_inversion"])
    grader = Grader(COURSE, model_server, lessons=[exercise.lesson], diagnosis_seconds=0, call_seconds=PLENTY)
    [result] = grader.grade(read_submission(tmp_path / "work.py"), [exercise]).exercises
    passed = {check.name for check in result.checks if check.outcome is Outcome.PASSED}
    assert "test_only_the_table_is_trainable" in passed  # the lie is believed there
    assert result.points == 0
