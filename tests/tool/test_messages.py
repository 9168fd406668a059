"""Whether messages help: what was said of a failure, and whether the next attempt mends it."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING

import msgspec
import pytest
from rich.console import Console

from grader.classroom.export import Wanted
from grader.classroom.formats.progsnap2 import dataset
from grader.classroom.message_formats.json import to_json
from grader.classroom.message_formats.terminal import table
from grader.classroom.messages import Effect, Said, effects, tries_of
from grader.results import CheckResult, Diagnosis, Outcome
from helpers.small_class import DOUBLE, Class, result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.results import ExerciseResult
    from helpers.command import Command

NAMED = Diagnosis("unchanged", "The number is returned as it is.", "")


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Class]:
    school = Class(tmp_path)
    yield school
    school.book.close()


def checks(**outcomes: str) -> ExerciseResult:
    """Return a result: each check is `passed`, `failed`, or `named` if it failed with a known mistake."""
    found = tuple(
        CheckResult(
            name, f"Check {name}.", "public", Outcome.PASSED if outcome == "passed" else Outcome.FAILED, "", 0.0, None,
            (NAMED,) if outcome == "named" else (),
        )
        for name, outcome in outcomes.items()
    )  # fmt: skip
    outcome = Outcome.PASSED if set(outcomes.values()) == {"passed"} else Outcome.FAILED
    return msgspec.structs.replace(result(5.0), checks=found, outcome=outcome)


def hand_in(school: Class, student: str, code: str, **outcomes: str) -> None:
    school.put(student, checks(**outcomes), {"work.py": code})


def found(school: Class) -> dict[str, tuple[int, int, int]]:
    return {
        effect.said.variant or effect.said.title: (effect.students, effect.tried_again, effect.mended)
        for effect in effects(map(tries_of, school.book.records()))
    }


def test_the_next_attempt_decides_whether_a_message_helped(school: Class) -> None:
    hand_in(school, "ada", "1", one="failed", two="passed")
    hand_in(school, "ada", "2", one="passed", two="passed")
    hand_in(school, "bo", "1", one="failed", two="failed")
    hand_in(school, "bo", "2", one="failed", two="passed")
    assert found(school) == {"Check one.": (2, 2, 1), "Check two.": (1, 1, 1)}


def test_who_does_not_try_again_has_mended_nothing(school: Class) -> None:
    hand_in(school, "ada", "1", one="failed")
    assert found(school) == {"Check one.": (1, 0, 0)}


def test_a_mistake_counts_once_and_is_mended_when_all_its_checks_pass(school: Class) -> None:
    hand_in(school, "ada", "1", one="named", two="named", three="failed")
    hand_in(school, "ada", "2", one="passed", two="failed", three="failed")
    hand_in(school, "ada", "3", one="passed", two="passed", three="passed")
    assert found(school) == {"unchanged": (1, 1, 0), "Check three.": (1, 2, 1), "Check two.": (1, 1, 1)}


def test_the_same_code_again_is_no_new_attempt(school: Class) -> None:
    hand_in(school, "ada", "1", one="failed")
    hand_in(school, "ada", "1", one="failed", two="failed")
    hand_in(school, "ada", "2", one="passed", two="passed")
    assert found(school)["Check one."] == (1, 1, 1)


def test_what_helped_least_comes_first(school: Class) -> None:
    for student in "abcdef":
        hand_in(school, student, "1", never="failed", always="failed", unknown="failed" if student == "a" else "passed")
        if student != "a":
            hand_in(school, student, "2", never="failed", always="passed", unknown="passed")
    assert list(found(school)) == ["Check never.", "Check always.", "Check unknown."]


@pytest.mark.parametrize(
    ("mended", "tried", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)  # as in tables of Wilson's interval
def test_the_interval_is_wilsons(mended: int, tried: int, low: float, high: float) -> None:
    interval = Effect(Said(DOUBLE, "", ""), 1, tried, mended).interval
    assert interval == pytest.approx((low, high), abs=5e-4)


def test_shares_are_written_as_a_table_and_as_json() -> None:
    some = [Effect(Said(DOUBLE, "unchanged", "As it is."), 3, 2, 1), Effect(Said(DOUBLE, "", "It doubles."), 1)]
    stream = io.StringIO()
    Console(file=stream, width=100).print(table(some))
    assert "double: unchanged As it is." in stream.getvalue()
    assert "50% (9% to 91%)" in stream.getvalue()
    first, second = json.loads(to_json(some))
    assert (first["mistake"], first["share"], first["interval"]) == ("unchanged", 0.5, [0.0945, 0.9055])
    assert (second["mistake"], second["share"]) == (None, None)
    assert math.isnan(some[1].share)


def test_the_command_reads_a_gradebook(school: Class, command: Command) -> None:
    hand_in(school, "ada", "1", one="failed")
    arguments = ("messages", "--gradebook", "../class.sqlite", "--format", "json")
    assert json.loads(command.run(*arguments, cwd=school.root).stdout)[0]["title"] == "Check one."
    assert json.loads(command.run(*arguments, "twofold", cwd=school.root).stdout) == []
    assert command.run(*arguments, "nothing", cwd=school.root).returncode == 2


# --- for research ---------------------------------------------------------------------------------------------------


def test_a_dataset_has_events_and_code_and_no_names(school: Class) -> None:
    hand_in(school, "ada", "print(1)", one="named", two="passed")
    hand_in(school, "ada", "print(2)", one="passed", two="passed")
    hand_in(school, "bo", "print(1)", one="failed", two="passed")
    place = school.root.parent / "class.sqlite"
    files = {
        file.path: file.content.decode()
        for file in dataset(school.marks()._replace(wanted=Wanted(gradebook=place))).files
    }
    assert files["DatasetMetadata.csv"].startswith("Property,Value\nVersion,6\n")
    rows = list(csv.DictReader(io.StringIO(files["MainTable.csv"])))
    assert len({row["EventID"] for row in rows}) == len(rows) == 10
    assert "ada" not in files["MainTable.csv"]
    submitted = [row for row in rows if row["EventType"] == "Submit"]
    assert sorted((row["Attempt"], row["ProblemID"], row["Score"]) for row in submitted) == [
        ("1", "double", "0.5"), ("1", "double", "0.5"), ("2", "double", "0.5"),
    ]  # fmt: skip
    assert {row["ParentEventID"] for row in rows if row not in submitted} == {row["EventID"] for row in submitted}
    [named] = [row for row in rows if row["EventType"] == "Intervention"]
    assert (named["InterventionType"], named["TestID"]) == ("unchanged", "one")
    code = {row["CodeStateID"]: files[f"CodeStates/{row['CodeStateID']}/file_1.py"] for row in submitted}
    assert sorted(code.values()) == ["print(1)", "print(2)"]
    for subject in {row["SubjectID"] for row in rows}:
        orders = [int(row["Order"]) for row in rows if row["SubjectID"] == subject]
        assert orders == list(range(1, len(orders) + 1))
