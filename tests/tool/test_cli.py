"""The `grade` command as people type it: what it prints, where, and its exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from grader import __version__
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.command import Command, Done

pytestmark = pytest.mark.light

GRADE = Path(sys.executable).with_name("grade")
RIGHT = "def double(number): return number * 2"
WRONG = "def double(number): return number"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)
    return make_course(tmp_path / "course")


@pytest.fixture
def grade(course: Path, command: Command) -> Callable[..., Done]:
    def run(*arguments: object, cwd: Path = course, **environment: str) -> Done:
        return command.run(*arguments, cwd=cwd, **environment)

    return run


def in_a_process(line: str, course: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which GRADE is the command."""
    return subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", line.replace("GRADE", str(GRADE))],
        cwd=course,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.torch
def test_a_right_submission_exits_with_0(course: Path, isolation: str) -> None:
    done = in_a_process("GRADE double --submission ../right.py", course)
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 of 10 points" in done.stdout
    assert f"isolation {isolation}" in done.stdout


@pytest.mark.parametrize(("arguments", "status"), [("--version", 0), ("doubel", 2), ("--format xml", 2)])
def test_what_ends_without_grading_exits_with_its_status(course: Path, arguments: str, status: int) -> None:
    assert in_a_process(f"GRADE {arguments}", course).returncode == status


@pytest.mark.torch
def test_a_wrong_one_exits_with_1_and_names_the_mistake(grade: Callable) -> None:
    done = grade("double", "--submission", "../wrong.py")
    assert done.returncode == 1
    assert "The number is returned as it is." in done.stdout
    assert "double(" in done.stdout


@pytest.mark.torch
def test_the_stubs_in_place_are_graded_if_nothing_is_named(grade: Callable, course: Path) -> None:
    assert "· double  0 of 10 points  numbers  not written yet" in grade().stdout
    (course / "exercises/numbers/double.py").write_text(RIGHT)
    assert grade().returncode == 0


@pytest.mark.torch
def test_the_course_is_found_from_a_folder_inside_it(grade: Callable, course: Path) -> None:
    assert (
        grade("numbers/double", "--submission", "../../../right.py", cwd=course / "exercises/numbers").returncode == 0
    )


@pytest.mark.torch
def test_a_broken_check_exits_with_3(grade: Callable, course: Path) -> None:
    check = course / "exercises/numbers/checks/test_double.py"
    check.write_text(check.read_text() + "    1 / 0\n")
    done = grade("--submission", "../right.py")
    assert done.returncode == 3
    assert "The grader could not decide this check: ZeroDivisionError" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["doubel"], "No lesson or exercise is called `doubel`: did you mean `double`?"),
        (["--submission", "nowhere.py"], "There is no nowhere.py"),
        (["--submission", "right.tar"], "right.tar"),
        (["--format", "xml"], "xml"),
        (["--isolation", "some"], "some"),
        (["--timeout", "0"], "0"),
        (["--timeout", "inf"], "--timeout"),
        (["--submission", ""], "--submission is empty"),
        (["--no-such-option"], "no-such-option"),
        (["-o", "no/such/folder/verdict.json", "--submission", "../right.py"], "there is no folder no/such/folder"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_usage_error_is_one_sentence_and_exits_with_2(
    grade: Callable, course: Path, arguments: list[str], sentence: str
) -> None:
    (course / "right.tar").write_bytes(b"")
    done = grade(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_course_it_says_so(grade: Callable, tmp_path: Path) -> None:
    done = grade(cwd=tmp_path)
    assert done.returncode == 2
    assert "No course was found" in done.stderr


def test_a_wrong_rubric_is_refused_with_its_line(grade: Callable, course: Path) -> None:
    rubric = course / "rubrics/numbers.toml"
    rubric.write_text(rubric.read_text().replace("points = 6", "points = 7"))
    done = grade("--submission", "../right.py")
    assert done.returncode == 2
    assert "rubrics/numbers.toml:" in done.stderr


@pytest.mark.torch
def test_json_fits_its_schema_and_goes_to_standard_output(grade: Callable, isolation: str) -> None:
    done = grade("--submission", "../wrong.py", "--format", "json", "--seed", "7")
    verdict = json.loads(done.stdout)
    schema = json.loads(files("grader").joinpath("schemas/result-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(verdict, schema)
    assert (verdict["grader"], verdict["seed"], verdict["isolation"]) == (__version__, 7, isolation)
    assert verdict["submission"]["name"] == "wrong.py"
    assert verdict["exercises"][0]["checks"][0]["diagnosis"][0]["variant"] == "unchanged"


@pytest.mark.torch
def test_o_writes_the_verdict_to_a_file_whole(grade: Callable, tmp_path: Path) -> None:
    target = tmp_path / "verdict.json"
    target.write_text("old")
    done = grade("--submission", "../right.py", "--format", "json", "-o", target)
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads(target.read_text())["points"] == 10
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.torch
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs /dev/full")
def test_a_verdict_that_is_lost_is_no_success(course: Path) -> None:
    done = in_a_process("GRADE --submission ../right.py > /dev/full", course)
    assert done.returncode == 2
    assert "The output cannot be written" in done.stderr


@pytest.mark.torch
def test_o_writes_into_a_pipe_and_does_not_replace_it(grade: Callable, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        assert grade("--submission", "../right.py", "-o", pipe).returncode == 0
        assert "10 of 10 points" in reader.communicate()[0]
    assert pipe.is_fifo()


@pytest.mark.torch
@pytest.mark.parametrize(("submission", "redirection", "status"), [("right", "| true", 0), ("not_python", ">&-", 1)])
def test_a_reader_that_has_had_enough_and_a_closed_output_are_no_errors(
    course: Path, submission: str, redirection: str, status: int
) -> None:
    (course.parent / "not_python.py").write_text("def double(number) return number")  # nothing heavy is imported
    done = in_a_process(f"GRADE --submission ../{submission}.py {redirection}", course)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.torch
def test_an_output_without_ticks_gets_other_marks(grade: Callable) -> None:
    done = grade("--submission", "../right.py", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "+ double" in done.stdout


@pytest.mark.torch
def test_colours_are_for_terminals_only(grade: Callable) -> None:
    assert "\x1b" not in grade("--submission", "../wrong.py").stdout
    forced = grade("--submission", "../wrong.py", FORCE_COLOR="1").stdout
    assert re.search(r"\x1b\[[\d;]*3\d", forced)
    assert not re.search(r"\x1b\[[\d;]*3\d", grade("--submission", "../wrong.py", FORCE_COLOR="1", NO_COLOR="1").stdout)


@pytest.mark.torch
def test_without_isolation_the_verdict_says_so(grade: Callable) -> None:
    done = grade("--submission", "../right.py", "--isolation", "off")
    assert done.returncode == 0
    assert "isolation off" in done.stdout
    assert "ran without confinement" in done.stdout


def test_list_shows_points_and_progress(grade: Callable, course: Path) -> None:
    done = grade("list")
    assert done.returncode == 0
    assert "not written yet" in done.stdout
    (course / "exercises/numbers/double.py").write_text(RIGHT)
    assert "begun" in grade("list").stdout


def test_help_shows_the_options_of_grading_and_the_commands(grade: Callable) -> None:
    text = grade("--help").stdout
    for word in ("--submission", "--format", "--isolation", "--seed", "--timeout", "list", "verify", "Exit status"):
        assert word in text
    assert grade("--version").stdout == f"grade {__version__}\n"


@pytest.mark.parametrize(
    ("panel", "commands"),
    [
        (
            "At your desk",
            "list show watch hint answer attempts debug locate reset init doctor examples".split(),
        ),
        (
            "A class",
            [
                *("batch", "export", "ci", "clusters", "messages", "mark", "override", "choose", "explain", "marking"),
                *("mistakes", "gradebook", "repositories"),
            ],
        ),
        ("A course", ["new", "verify", "record", "calibrate", "release", "convert", "notebook"]),
    ],
)
def test_help_groups_commands_by_who_uses_them(grade: Callable, panel: str, commands: list[str]) -> None:
    lines = grade("--help").stdout.partition(f"\n{panel}:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == commands


def test_commands_are_known_without_importing_them() -> None:
    from typer.main import get_command

    import grader.cli.commands  # noqa: F401 - it adds them
    from grader.cli.app import GRADING, app
    from grader.cli.quick import COMMANDS

    assert COMMANDS | {GRADING} == set(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list"], ["--version"], ["doubel"], ["--format", "xml"]], ids=" ".join
)
def test_help_listing_and_usage_errors_import_nothing_heavy(course: Path, arguments: list[str]) -> None:
    script = f"""
import sys
sys.argv = ["grade", *{arguments!r}]
from grader.cli.main import run
run()
heavy = {{"torch", "numpy", "pytest", "hypothesis", "diffusers", "PIL"}} & set(sys.modules)
sys.exit(f"imported: {{heavy}}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.torch
def test_students_output_cannot_draw_on_the_terminal(grade: Callable, tmp_path: Path) -> None:
    (tmp_path / "rude.py").write_text(
        r"def double(n): print('\x1b[2J[bold]gone'); raise ValueError('\x1b]0;owned\x07 [red]x')"
    )
    done = grade("--submission", "../rude.py")
    assert "\x1b" not in done.stdout
    assert "[bold]gone" in done.stdout
    assert "[red]x" in done.stdout
