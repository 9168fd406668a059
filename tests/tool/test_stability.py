"""What the page on stability promises is what is there: schemas, exit statuses and the names for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import grader
from grader.classroom.formats.json import SCHEMA as CLASS
from grader.cli import status

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/stability.md").read_text(encoding="utf-8")
PRIVATE = {"grader.progress/1"}  # a file of one's own desk


def test_it_names_every_schema_that_ships_in_the_version_that_ships() -> None:
    there = {json.loads(path.read_text())["properties"]["schema"]["const"] for path in _schemas()}
    assert set(re.findall(r"`(grader\.\w+/\d+)`", PAGE)) - {"grader.result/2"} == there - PRIVATE
    assert CLASS in there


def test_a_schema_file_is_named_like_its_schema() -> None:
    for path in _schemas():
        name, _, version = json.loads(path.read_text())["properties"]["schema"]["const"].partition("/")
        assert path.name == f"{name.removeprefix('grader.').replace('_', '-')}-{version}.schema.json"


def test_it_names_every_exit_status() -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| exit statuses"))
    numbers = {value for name, value in vars(status).items() if name.isupper() and isinstance(value, int)}
    assert {int(number) for number in re.findall(r"\b\d+\b", row)} == numbers


def test_the_names_for_programs_are_there() -> None:
    (row,) = (line for line in PAGE.splitlines() if "`grader.grade(...)`" in line)
    for name in re.findall(r"`grader\.(\w+)", row):
        assert hasattr(grader, name)


def _schemas() -> list[Path]:
    return sorted((PROJECT / "grader/schemas").glob("*.json"))
